using Splitwiser.Client.CommandLine.Chat;

namespace Splitwiser.Client.Tests;

public sealed class EditedLineTests
{
    [Fact]
    public void Text_goes_in_at_the_caret()
    {
        var line = new EditedLine([]);
        line.Insert("hallo");
        line.Left();
        line.Left();
        line.Left();
        line.Backspace();
        line.Insert("e");
        (line.Text, line.Caret).ShouldBe(("hello", 2));
        line.Home();
        line.Insert("oh ");
        line.End();
        line.Insert("!");
        line.Text.ShouldBe("oh hello!");
        line.Right();
        line.Caret.ShouldBe(9);
    }

    [Fact]
    public void Nothing_is_cut_beyond_the_ends()
    {
        var line = new EditedLine([]);
        line.Backspace();
        line.Delete();
        line.Left();
        line.Right();
        line.CutWord();
        line.WordLeft();
        line.WordRight();
        line.Earlier();
        line.Later();
        (line.Text, line.Caret).ShouldBe(("", 0));
    }

    [Fact]
    public void A_character_of_several_parts_is_one_step()
    {
        var line = new EditedLine([]);
        line.Insert("a\U0001F469‍\U0001F680é");
        line.Left();
        line.Left();
        line.Caret.ShouldBe(1);
        line.Delete();
        line.Text.ShouldBe("aé");
        line.End();
        line.Backspace();
        line.Text.ShouldBe("a");
    }

    [Fact]
    public void Words_are_stepped_over_and_cut()
    {
        var line = new EditedLine([]);
        line.Insert("one two  three");
        line.WordLeft();
        line.Caret.ShouldBe(9);
        line.CutWord();
        (line.Text, line.Caret).ShouldBe(("one three", 4));
        line.WordLeft();
        line.WordRight();
        line.Caret.ShouldBe(3);
        line.CutToEnd();
        line.Text.ShouldBe("one");
        line.CutToStart();
        line.Text.ShouldBe("");
    }

    [Fact]
    public void Earlier_lines_come_back_and_the_new_one_is_kept()
    {
        var line = new EditedLine(["first", "second"]);
        line.Insert("draft");
        line.Earlier();
        line.Text.ShouldBe("second");
        line.Earlier();
        line.Earlier();
        line.Text.ShouldBe("first");
        line.Later();
        line.Later();
        (line.Text, line.Caret).ShouldBe(("draft", 5));
        line.Later();
        line.Text.ShouldBe("draft");
    }
}
