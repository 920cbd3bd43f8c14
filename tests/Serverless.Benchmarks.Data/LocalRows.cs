namespace Serverless.Benchmarks.Data;

/// <summary>What happens on one machine, without a remote.</summary>
internal static class LocalRows
{
    public static IEnumerable<Row> All =>
    [
        new("start: `mlops --help`", null, 0.12, b => Bench.Best(5, () => b.Run("/", "--help"))),
        new("`add` 10,000 files of 10 KB, fresh", 4.3, 1.5, b => Bench.Best(2, () => b.Run(Folder(b), "add", "data", "-q"))),
        new("`add` 10,000 files of 10 KB, again", 1.7, 0.3, b => After(b, _ => { })),
        new("`add` 10,000 files of 10 KB, one changed", 3.8, 0.4, b => After(b, f => File.WriteAllText(Path.Combine(f, "data/003/0003333"), "changed"))),
        new("`status`, 10,000-file folder", 1.4, 0.35, b =>
        {
            var folder = Folder(b);
            b.Run(folder, "add", "data", "-q");
            return Bench.Best(3, () => b.Run(folder, "status"));
        }),
        new("`checkout` 10,000 files of 10 KB", null, 1.5, b =>
        {
            var folder = Folder(b);
            b.Run(folder, "add", "data", "-q");
            return Bench.Best(2, () =>
            {
                Directory.Delete(Path.Combine(folder, "data"), recursive: true);
                return b.Run(folder, "checkout", "-q");
            });
        }),
        new("`add` one 1 GB file", 8.4, 2.5, b => Bench.Best(2, () =>
        {
            var folder = b.Repository();
            Large(Path.Combine(folder, "large"), 1_000_000_000);
            return b.Run(folder, "add", "large", "-q");
        })),
        new("`add` 1,000 separate targets", 54, 1.5, b => Bench.Best(2, () =>
        {
            var folder = b.Repository();
            Bench.Fill(folder, 1000, 10_000);
            return b.Run(folder, ["add", "-q", .. Enumerable.Range(0, 1000).Select(i => $"000/{i:0000000}")]);
        })),
        new("`add` a million files of 10 bytes", null, 120, b => b.Run(Folder(b, 1_000_000, 10), "add", "data", "-q"), IsSlow: true),
        new("`status`, a folder of a million files", null, 15, b =>
        {
            var folder = Folder(b, 1_000_000, 10);
            b.Run(folder, "add", "data", "-q");
            return b.Run(folder, "status");
        }, IsSlow: true),
    ];

    private static string Folder(Bench bench, int count = 10_000, int size = 10_000)
    {
        var folder = bench.Repository();
        Bench.Fill(Path.Combine(folder, "data"), count, size);
        return folder;
    }

    private static Measured After(Bench bench, Action<string> change)
    {
        var folder = Folder(bench);
        bench.Run(folder, "add", "data", "-q");
        return Bench.Best(3, () =>
        {
            change(folder);
            return bench.Run(folder, "add", "data", "-q");
        });
    }

    private static void Large(string path, long size)
    {
        var block = new byte[1 << 20];
        new Random(1).NextBytes(block);
        using var file = File.Create(path);
        for (var written = 0L; written < size; written += block.Length)
        {
            file.Write(block, 0, (int)Math.Min(block.Length, size - written));
        }
    }
}
