using Spectre.Console.Rendering;

namespace Splitwiser.Client.CommandLine.Chat;

/// <summary>Lines that a person types, with the keys of a shell: arrows, Home, End, Ctrl-A E B F D H K U W L P N, and earlier lines.</summary>
internal sealed class TypedLines(Terminal terminal) : ILineSource
{
    private const string Clear = "\e[J";

    private readonly List<string> earlier = [];
    private int caretRow; // of the line on the screen, counted from the prompt's row
    private bool leaving; // Ctrl-C was pressed on an empty line

    public string? Next(string prompt)
    {
        var line = new EditedLine(earlier);
        caretRow = 0;
        Draw(prompt, line);
        Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                var key = Console.ReadKey(intercept: true);
                if (key is { Key: ConsoleKey.Enter } or { Key: ConsoleKey.J or ConsoleKey.M, Modifiers: ConsoleModifiers.Control })
                    return Take(prompt, line);
                if (key is { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control } && line.Text.Length == 0)
                    return Leave();
                if (key is { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control })
                {
                    if (leaving && line.Text.Length == 0)
                        return Leave();
                    leaving = line.Text.Length == 0;
                    terminal.Output.Write(leaving ? "\r\n(Ctrl-C again, Ctrl-D or /exit ends)\r\n" : "^C\r\n");
                    line = new(earlier);
                    caretRow = 0;
                }
                else
                {
                    leaving = false;
                    Edit(line, key);
                }

                Draw(prompt, line);
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false; // during an answer it is a signal
        }
    }

    /// <summary>An answer was stopped by Ctrl-C: the next one on an empty line ends.</summary>
    public void WasStopped() => leaving = true;

    private static void Edit(EditedLine line, ConsoleKeyInfo key)
    {
        Action edit = (key.Key, key.Modifiers) switch
        {
            (ConsoleKey.LeftArrow, ConsoleModifiers.Control or ConsoleModifiers.Alt) or (ConsoleKey.B, ConsoleModifiers.Alt) => line.WordLeft,
            (ConsoleKey.RightArrow, ConsoleModifiers.Control or ConsoleModifiers.Alt) or (ConsoleKey.F, ConsoleModifiers.Alt) => line.WordRight,
            (ConsoleKey.LeftArrow, _) or (ConsoleKey.B, ConsoleModifiers.Control) => line.Left,
            (ConsoleKey.RightArrow, _) or (ConsoleKey.F, ConsoleModifiers.Control) => line.Right,
            (ConsoleKey.Home, _) or (ConsoleKey.A, ConsoleModifiers.Control) => line.Home,
            (ConsoleKey.End, _) or (ConsoleKey.E, ConsoleModifiers.Control) => line.End,
            (ConsoleKey.UpArrow, _) or (ConsoleKey.P, ConsoleModifiers.Control) => line.Earlier,
            (ConsoleKey.DownArrow, _) or (ConsoleKey.N, ConsoleModifiers.Control) => line.Later,
            (ConsoleKey.W, ConsoleModifiers.Control) or (ConsoleKey.Backspace, ConsoleModifiers.Alt) => line.CutWord,
            (ConsoleKey.Backspace, _) or (ConsoleKey.H, ConsoleModifiers.Control) => line.Backspace,
            (ConsoleKey.Delete, _) or (ConsoleKey.D, ConsoleModifiers.Control) => line.Delete,
            (ConsoleKey.K, ConsoleModifiers.Control) => line.CutToEnd,
            (ConsoleKey.U, ConsoleModifiers.Control) => line.CutToStart,
            _ when !char.IsControl(key.KeyChar) => () => line.Insert(Typed(key)),
            _ => () => { },
        };
        edit();
    }

    /// <summary>A character beyond the first 65,536 comes as two keys.</summary>
    private static string Typed(ConsoleKeyInfo key) => char.IsHighSurrogate(key.KeyChar) ? $"{key.KeyChar}{Console.ReadKey(intercept: true).KeyChar}" : $"{key.KeyChar}";

    private string Take(string prompt, EditedLine line)
    {
        line.End();
        Draw(prompt, line);
        terminal.Output.Write("\r\n");
        leaving = false;
        if (line.Text.Length > 0 && (earlier.Count == 0 || earlier[^1] != line.Text))
            earlier.Add(line.Text);
        return line.Text;
    }

    private string? Leave()
    {
        terminal.Output.Write("\r\n");
        return null;
    }

    /// <summary>Writes the line anew, over as many rows of the screen as it takes, and puts the caret where it belongs.</summary>
    private void Draw(string prompt, EditedLine line)
    {
        var width = Math.Max(1, Console.BufferWidth);
        var (all, before) = (Cells(prompt + line.Text), Cells(prompt + line.Text[..line.Caret]));
        var output = terminal.Output;
        output.Write($"{Up(caretRow)}\r{Clear}{prompt}{line.Text}{(all % width == 0 ? "\r\n" : "")}");
        caretRow = before / width;
        output.Write($"{Up((all / width) - caretRow)}\r{(before % width == 0 ? "" : $"\e[{before % width}C")}");
        output.Flush();
    }

    private static string Up(int rows) => rows == 0 ? "" : $"\e[{rows}A";

    /// <summary>Columns that a text takes: East Asian characters take two.</summary>
    private static int Cells(string text) => new Segment(text).CellCount();
}
