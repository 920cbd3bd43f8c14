namespace Serverless.Local.Tests;

/// <summary>Commands that tell in `$TRACE` that they ran; the one that `$BLOCK` names waits for the file `$GATE`.</summary>
internal static class TestPipeline
{
    private const string Turn = "echo NAME >> $TRACE; if [ \"$BLOCK\" = NAME ]; then until [ -e $GATE ]; do sleep 0.02; done; fi; ";

    /// <summary>`first`, then `left` and `right` side by side, then `join`, then `last`.</summary>
    public static string Diamond { get; } =
        $$"""
            stages:
              first: {cmd: '{{Command("first")}} echo 1 > first.txt', outs: [first.txt]}
              left: {cmd: '{{Command("left")}} cat first.txt > left.txt; echo l >> left.txt', deps: [first.txt], outs: [left.txt]}
              right: {cmd: '{{Command("right")}} cat first.txt > right.txt; echo r >> right.txt', deps: [first.txt], outs: [right.txt]}
              join: {cmd: '{{Command("join")}} cat left.txt right.txt > join.txt', deps: [left.txt, right.txt], outs: [join.txt]}
              last: {cmd: '{{Command("last")}} wc -c < join.txt > last.txt', deps: [join.txt], outs: [last.txt]}
            """;

    public static IReadOnlyList<string> Names { get; } = ["first", "left", "right", "join", "last"];

    public static string Command(string name) => Turn.Replace("NAME", name);
}
