namespace Splitwiser.Models.Sampling;

/// <summary>
/// Philox4x32-10, a counter-based generator (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011):
/// ten rounds scramble a 128-bit counter under a 64-bit key. No state: the number at a position is the same wherever it is drawn.
/// </summary>
internal static class Philox
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;  // of the paper, for 4 words of 32 bits
    private const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;              // golden ratio and sqrt(3) - 1: the key's steps

    public static (uint X0, uint X1, uint X2, uint X3) Block((uint X0, uint X1, uint X2, uint X3) counter, (uint K0, uint K1) key)
    {
        for (var round = 0; round < 10; round++)
        {
            var product0 = (ulong)Multiplier0 * counter.X0;
            var product1 = (ulong)Multiplier1 * counter.X2;
            counter = ((uint)(product1 >> 32) ^ counter.X1 ^ key.K0, (uint)product1,
                       (uint)(product0 >> 32) ^ counter.X3 ^ key.K1, (uint)product0);
            key = (key.K0 + Weyl0, key.K1 + Weyl1);
        }
        return counter;
    }

    /// <summary>The uniform number in [0, 1) that belongs to a position of a seed: 53 bits of the block at counter (position, 0, 0, 0).</summary>
    public static double Uniform(ulong seed, int position)
    {
        var block = Block(((uint)position, 0, 0, 0), ((uint)seed, (uint)(seed >> 32)));
        return (((ulong)block.X1 << 32 | block.X0) >> 11) * (1.0 / (1UL << 53));
    }
}
