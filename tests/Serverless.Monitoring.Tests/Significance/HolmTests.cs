using Serverless.Monitoring.Significance;

namespace Serverless.Monitoring.Tests.Significance;

public sealed class HolmTests
{
    [Fact]
    public void P_values_are_adjusted_as_by_R()
    {
        // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
        Assert.Equal([0.03, 0.06, 0.06, 0.02], Holm.Adjust([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 12)));
        Assert.Equal([1, 1], Holm.Adjust([0.6, 0.9]));
        Assert.Empty(Holm.Adjust([]));
    }

    [Fact]
    public void An_undefined_test_stays_undefined_and_counts()
    {
        Assert.Equal([double.NaN, 0.02], Holm.Adjust([double.NaN, 0.01]));
    }
}
