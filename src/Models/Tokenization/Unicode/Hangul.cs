namespace Splitwiser.Models.Tokenization.Unicode;

/// <summary>Hangul syllables, whose decompositions are computed (The Unicode Standard, section 3.12).</summary>
internal static class Hangul
{
    private const int Syllables = 0xAC00;
    private const int Leads = 0x1100;
    private const int Vowels = 0x1161;
    private const int Trails = 0x11A7; // one before the first: 0 is "no trail"
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TrailCount = 28;

    public static bool IsSyllable(int character) => character is >= Syllables and < Syllables + (LeadCount * VowelCount * TrailCount);

    public static int[] Decompose(int syllable)
    {
        var index = syllable - Syllables;
        var lead = Leads + (index / (VowelCount * TrailCount));
        var vowel = Vowels + (index / TrailCount % VowelCount);
        var trail = Trails + (index % TrailCount);
        return trail == Trails ? [lead, vowel] : [lead, vowel, trail];
    }

    public static bool TryCompose(int first, int second, out int syllable)
    {
        if (first is >= Leads and < Leads + LeadCount && second is >= Vowels and < Vowels + VowelCount)
        {
            syllable = Syllables + ((((first - Leads) * VowelCount) + second - Vowels) * TrailCount);
            return true;
        }

        var open = IsSyllable(first) && (first - Syllables) % TrailCount == 0;
        syllable = first + second - Trails;
        return open && second is > Trails and < Trails + TrailCount;
    }
}
