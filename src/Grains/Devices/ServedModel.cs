using System.Collections.Immutable;
using Splitwiser.Chat;
using Splitwiser.Models;
using Splitwiser.Models.Chat;
using Splitwiser.Models.Grammar;
using Splitwiser.Models.Tokenization;

namespace Splitwiser.Grains;

/// <summary>The model that a silo serves: what is needed to check a request and to turn text into tokens and back.</summary>
public sealed record ServedModel
{
    /// <summary>The name that requests ask for and devices report.</summary>
    public required string Name { get; init; }

    public required ModelConfig Config { get; init; }
    public required GenerationDefaults Defaults { get; init; }

    /// <summary>Most tokens of prompt and output together; the devices' own limit must be the same.</summary>
    public required int MaxModelLength { get; init; }

    /// <summary>Null when the model has none: then token ids alone are served.</summary>
    public Tokenizer? Tokenizer { get; init; }

    /// <summary>The formats that answers may be asked for, compiled; shared by the devices. Null without a tokenizer.</summary>
    public Grammars? Grammars { get; init; }

    /// <summary>Null when the model has none that can be used.</summary>
    public ChatTemplate? ChatTemplate { get; init; }

    /// <summary>How the model writes thoughts and calls of tools.</summary>
    public AnswerFormat AnswerFormat { get; init; } = AnswerFormat.Plain;

    /// <summary>How prompts become vectors where a request doesn't say it.</summary>
    public Pooling Pooling { get; init; } = Pooling.Last;

    /// <param name="name">The served name; null for the folder's.</param>
    /// <param name="maxModelLength">Null for the model's own limit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not between 2 and the model's own limit.</exception>
    public static ServedModel From(ModelFolder folder, string? name = null, int? maxModelLength = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var length = maxModelLength ?? folder.Config.MaxPositions;
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 2, nameof(maxModelLength));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, folder.Config.MaxPositions, nameof(maxModelLength));
        return new()
        {
            Name = name ?? folder.Name,
            Config = folder.Config,
            Defaults = folder.Defaults,
            MaxModelLength = length,
            Tokenizer = folder.Tokenizer,
            Grammars = folder.Tokenizer is { } tokenizer ? new Grammars(tokenizer, folder.Config.VocabularySize) : null,
        };
    }
}
