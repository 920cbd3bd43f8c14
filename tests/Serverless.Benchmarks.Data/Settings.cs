namespace Serverless.Benchmarks.Data;

/// <summary>What is measured, as the command line says it.</summary>
internal sealed record Settings
{
    public const string Usage = """
        Serverless.Benchmarks.Data PUBLISHED-MLOPS [WORD…] [--page FILE] [--dvc DVC] [--small]

          WORD         only rows whose name holds it (none: all but the slow ones: `million`)
          --page FILE  writes the page there too, row by row
          --dvc DVC    runs real DVC beside it, the same commands on data of its own (or BENCH_DVC)
          --small      every row with little data: only to see that all of them work

        Push and pull need AZURE_STORAGE_CONNECTION_STRING and BENCH_REMOTE=azure://container/prefix.
        """;

    public required string Program { get; init; }

    public string? Dvc { get; init; }

    public string? Page { get; init; }

    public bool IsSmall { get; init; }

    public IReadOnlyList<string> Words { get; init; } = [];

    public string? Remote { get; init; }

    /// <summary>Null if the arguments are not understood.</summary>
    public static Settings? Of(string[] args)
    {
        var (words, page, dvc, small) = (new List<string>(), (string?)null, Variable("BENCH_DVC"), false);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--small":
                    small = true;
                    break;
                case "--page" when i + 1 < args.Length:
                    page = args[++i];
                    break;
                case "--dvc" when i + 1 < args.Length:
                    dvc = args[++i];
                    break;
                case ['-', ..]:
                    return null;
                default:
                    words.Add(args[i]);
                    break;
            }
        }

        return words.Count == 0
            ? null
            : new Settings
            {
                Program = Path.GetFullPath(words[0]),
                Dvc = dvc is null ? null : Path.GetFullPath(dvc),
                Page = page,
                IsSmall = small,
                Words = words[1..],
                Remote = Variable("BENCH_REMOTE"),
            };
    }

    public bool IsMeant(Row row) =>
        Words.Count == 0 ? !row.IsSlow || IsSmall : Words.Any(w => row.What.Contains(w, StringComparison.Ordinal));

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
