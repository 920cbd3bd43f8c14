namespace Serverless.Core.Columns;

/// <summary>Checks the column names in the header of a text file.</summary>
internal static class CsvHeader
{
    /// <summary>Returns every problem with the names and how to fix it.</summary>
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
                    $"A type is set for column '{name}', but the file has no such column.",
                    NearestName.Find(name, names) is { } nearest
                        ? $"Did you mean '{nearest}'?"
                        : $"Existing columns: {string.Join(", ", names)}."
                )
            );
        }

        return findings;
    }
}
