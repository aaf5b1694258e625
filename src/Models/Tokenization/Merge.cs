namespace Splitwiser.Models.Tokenization;

/// <summary>What becomes of a pair of neighbours: lower ranks merge first.</summary>
internal readonly record struct Merge(int Rank, int Id);
