using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>What a lease holds.</summary>
/// <param name="Tokens">Prompt and output so far.</param>
/// <param name="SharedPages">Pages that other leases hold too.</param>
public sealed record LeaseInfo(LeaseId Lease, SequencePhase Phase, int Tokens, int Pages, int SharedPages);
