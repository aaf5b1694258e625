namespace Splitwiser.Models.Grammar;

/// <summary>A rule as it is written: "name ::= body".</summary>
internal sealed record GbnfRule(string Name, GbnfPart Body, GbnfPlace Place);
