using System.Text;

namespace Splitwiser.Models.Tokenization;

/// <summary>
/// The characters that byte-level vocabularies write bytes with: printable Latin-1 bytes stand for themselves, the other 68 are
/// numbered from U+0100 on (GPT-2's encoder, openai/gpt-2).
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] characters = new char[256];
    private static readonly short[] bytes = new short[0x144]; // by character; -1 where it stands for no byte

    static ByteAlphabet()
    {
        Array.Fill(bytes, (short)-1);
        var next = '\u0100';
        for (var b = 0; b < 256; b++)
        {
            var printable = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            characters[b] = printable ? (char)b : next++;
            bytes[characters[b]] = (short)b;
        }
    }

    public static char Character(byte value) => characters[value];

    public static bool TryByte(char character, out byte value)
    {
        var found = character < bytes.Length ? bytes[character] : (short)-1;
        value = (byte)found;
        return found >= 0;
    }

    /// <summary>Writes the text's UTF-8 bytes as characters of the alphabet.</summary>
    public static string Write(ReadOnlySpan<char> text)
    {
        var utf8 = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, utf8);
        return string.Create(utf8.Length, utf8, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = characters[source[i]];
        });
    }

    /// <summary>The bytes that a token stands for: its own UTF-8 where a character is outside the alphabet.</summary>
    public static byte[] Read(ReadOnlySpan<char> token)
    {
        var result = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            if (!TryByte(token[i], out result[i]))
            {
                result = new byte[Encoding.UTF8.GetByteCount(token)];
                Encoding.UTF8.GetBytes(token, result);
                return result;
            }
        }

        return result;
    }
}
