using FsCheck;
using FsCheck.Fluent;

namespace Splitwiser.Tests;

/// <summary>FsCheck behind one call: a law that throws or returns false is broken, and the smallest case found is in the message.</summary>
internal static class Property
{
    public const int Cases = 10_000;

    public static void Holds<T>(Action<T> law, int cases = Cases) => Holds(ArbMap.Default.ArbFor<T>(), law, cases);

    public static void Holds<T>(Arbitrary<T> arbitrary, Action<T> law, int cases = Cases)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(cases).WithQuietOnSuccess(true);
        Check.One(config, Prop.ForAll(arbitrary, law));
    }
}
