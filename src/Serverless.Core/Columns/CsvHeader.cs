namespace Serverless.Core.Columns;

/// <summary>Checks the names in the header of a text file.</summary>
internal static class CsvHeader
{
    /// <summary>All that is wrong with the names, and how to correct it.</summary>
    public static IReadOnlyList<(string Message, string Fix)> Check(string[] names, IReadOnlyDictionary<string, ColumnType>? types)
    {
        var findings = new List<(string Message, string Fix)>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(names[i]))
            {
                findings.Add(
                    (
                        $"Column {i + 1} of {names.Length} has no name in the header.",
                        "Name it, or write the file without row names (pandas: index=False; R: row.names = FALSE)."
                    )
                );
            }
            else if (!seen.TryAdd(names[i], i))
            {
                findings.Add(($"Columns {seen[names[i]] + 1} and {i + 1} have the same name '{names[i]}'.", "Rename one of them."));
            }
        }

        foreach (var name in types?.Keys.Where(name => !seen.ContainsKey(name)) ?? [])
        {
            findings.Add(
                (
                    $"A type is given for the column '{name}', which the file does not have.",
                    NearestName.Find(name, names) is { } nearest
                        ? $"Did you mean '{nearest}'?"
                        : $"The columns are: {string.Join(", ", names)}."
                )
            );
        }

        return findings;
    }
}
