using Serverless.Core.Columns;

namespace Serverless.Monitoring.Checks;

/// <summary>Whether training ends before the test begins. Times are compared as instants, and what cannot be read is not guessed.</summary>
internal static class TimeOrder
{
    private const string Fix = "Split by time: a model must not learn from what comes after what it is judged on.";

    // A time of day without a zone may be that of any place on earth.
    private const long Zones = 14 * TimeSpan.TicksPerHour;

    public static Check Check(Column train, Column test)
    {
        if (train.NullCount == train.Length || test.NullCount == test.Length)
        {
            return new Check("time", null, "One of the parts has no time at all.");
        }

        if (ColumnConversion.To(train, ColumnType.Number) is { } before && ColumnConversion.To(test, ColumnType.Number) is { } after)
        {
            var (last, first) = (Row(before, least: false), Row(after, least: true));
            return Result(before.GetNumber(last) < after.GetNumber(first), train.GetText(last)!, test.GetText(first)!);
        }

        return (Unreadable(train) ?? Unreadable(test)) is { } text
            ? new Check(
                "time",
                null,
                $"The time '{text}' cannot be read for sure, so nothing was compared.",
                "Write times as ISO 8601, such as 2026-09-30 or 2026-09-30T10:00:00Z, or as numbers."
            )
            : Instants(train, test);
    }

    private static Check Instants(Column train, Column test)
    {
        var isMixed = Texts(train).Concat(Texts(test)).Select(HasOffset).Distinct().Count() > 1;
        var training = Texts(train).Select(t => Span(t, isMixed)).ToList();
        var tested = Texts(test).Select(t => Span(t, isMixed)).ToList();
        var (last, first) = (training.MaxBy(s => s.Latest), tested.MinBy(s => s.Earliest));
        if (last.Latest < first.Earliest)
        {
            return Result(true, last.Text, first.Text);
        }

        return training.Max(s => s.Earliest) >= tested.Min(s => s.Latest)
            ? Result(false, last.Text, first.Text)
            : new Check(
                "time",
                null,
                $"Training ends at {last.Text}, the test begins at {first.Text}: one of them has no offset, so their order is not known.",
                "Write all times with their offset, or all without one."
            );
    }

    private static Check Result(bool isPassed, string last, string first) =>
        new("time", isPassed, $"Training ends at {last}, the test begins at {first}.", Fix);

    private static int Row(Column column, bool least)
    {
        var rows = Enumerable.Range(0, column.Length).Where(row => !column.IsNull(row));
        return least ? rows.MinBy(column.GetNumber) : rows.MaxBy(column.GetNumber);
    }

    private static string? Unreadable(Column column) => Texts(column).FirstOrDefault(text => !Instant.TryParse(text, out _));

    private static bool HasOffset(string text) => Instant.TryParse(text, out var instant) && instant.HasOffset;

    private static (string Text, long Earliest, long Latest) Span(string text, bool isMixed)
    {
        Instant.TryParse(text, out var instant);
        var zones = isMixed && !instant.HasOffset ? Zones : 0;
        return (text, instant.Ticks - zones, instant.Ticks + zones);
    }

    private static IEnumerable<string> Texts(Column column) => Enumerable.Range(0, column.Length).Select(column.GetText).OfType<string>();
}
