using System.Diagnostics;

namespace Serverless.Dvc.Tests.Reading;

/// <summary>Definitions that grow: they are refused by their number, before they are made.</summary>
public sealed class HostileDefinitionTests
{
    [Fact]
    public void A_foreach_over_a_million_items()
    {
        var items = string.Join(", ", Enumerable.Range(0, 1_000_000));

        Refused(
            $"stages:\n  st:\n    foreach: [{items}]\n    do: {{cmd: 'echo ${{item}}'}}\n",
            "it makes 1000000 stages; 10000 is the most"
        );
    }

    [Fact]
    public void A_matrix_of_a_hundred_million_combinations()
    {
        var list = "[" + string.Join(", ", Enumerable.Range(0, 100)) + "]";

        Refused(
            $"stages:\n  st:\n    matrix: {{a: {list}, b: {list}, c: {list}, d: {list}}}\n    cmd: 'echo ${{item.a}}'\n",
            "it makes 1000000 stages; 10000 is the most"
        );
    }

    [Fact]
    public void Many_loops_that_are_too_many_together()
    {
        var list = "[" + string.Join(", ", Enumerable.Range(0, 6000)) + "]";

        Refused(
            $"stages:\n  a:\n    foreach: {list}\n    do: {{cmd: 'echo ${{item}}'}}\n  b:\n    foreach: {list}\n    do: {{cmd: 'echo "
                + $"${{item}}'}}\n",
            "it makes 12000 stages; 10000 is the most"
        );
    }

    [Fact]
    public void A_text_that_grows()
    {
        var text = new string('x', 100_000);
        var use = string.Concat(Enumerable.Repeat("${t}", 1000));

        Refused($"vars:\n  - t: {text}\nstages:\n  st:\n    cmd: echo {use}\n", "more than 1048576 characters");
    }

    private static void Refused(string yaml, string message)
    {
        var clock = Stopwatch.StartNew();
        using var workspace = Workspace.With(yaml);

        Assert.Contains(workspace.Errors(), e => e.Message.Contains(message, StringComparison.Ordinal));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }
}
