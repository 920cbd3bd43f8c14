namespace Serverless.Benchmarks.Data;

/// <summary>What happens on one machine, without a remote.</summary>
internal static class LocalRows
{
    private const int Files = 10_000;
    private const int Bytes = 10_000;
    private const int Million = 1_000_000;
    private const long Memory = 600L << 20;

    public static IEnumerable<Row> All =>
        [
            new("start: `--help`", null, 0.12, b => b.Best(5, () => b.Run("/", "--help"))),
            new("`add` 10,000 files of 10 KB, fresh", 4.3, 1.5, b => b.Best(2, () => b.Run(Folder(b), "add", "data", "-q"))),
            new("`add` 10,000 files of 10 KB, again", 1.7, 0.3, b => After(b, _ => { })),
            new(
                "`add` 10,000 files of 10 KB, one changed",
                3.8,
                0.4,
                b =>
                    After(
                        b,
                        f =>
                            File.WriteAllText(
                                Directory.EnumerateFiles(Path.Combine(f, "data", "000")).First(),
                                Guid.CreateVersion7().ToString()
                            )
                    )
            ),
            new(
                "`status`, 10,000-file folder",
                1.4,
                0.35,
                b =>
                {
                    var folder = Added(b);
                    return b.Best(3, () => b.Run(folder, "status"));
                }
            ),
            new(
                "`checkout` 10,000 files of 10 KB",
                null,
                1.5,
                b =>
                {
                    var folder = Added(b);
                    return b.Best(
                        2,
                        () =>
                        {
                            Directory.Delete(Path.Combine(folder, "data"), recursive: true);
                            return b.Run(folder, "checkout", "-q");
                        }
                    );
                }
            ),
            new(
                "`add` one 1 GB file",
                8.4,
                2.5,
                b =>
                    b.Best(
                        2,
                        () =>
                        {
                            var folder = b.Repository();
                            Large(Path.Combine(folder, "large"), b.Size(1_000_000_000));
                            return b.Run(folder, "add", "large", "-q");
                        }
                    )
            ),
            new(
                "`add` 1,000 separate targets",
                54,
                1.5,
                b =>
                    b.Best(
                        2,
                        () =>
                        {
                            var folder = b.Repository();
                            Bench.Fill(folder, b.Count(1000), Bytes);
                            return b.Run(
                                folder,
                                [
                                    "add",
                                    "-q",
                                    .. Directory.EnumerateFiles(Path.Combine(folder, "000")).Select(f => "000/" + Path.GetFileName(f)),
                                ]
                            );
                        }
                    )
            ),
            new("`add` a million files of 10 bytes", null, 120, b => b.Run(Folder(b, Million, 10), "add", "data", "-q"))
            {
                IsSlow = true,
                ReachBytes = Memory,
            },
            new("`status`, a folder of a million files", null, 15, b => b.Run(Added(b, Million, 10), "status"))
            {
                IsSlow = true,
                ReachBytes = Memory,
            },
        ];

    private static string Folder(Bench bench, int count = Files, int size = Bytes)
    {
        var folder = bench.Repository();
        Bench.Fill(Path.Combine(folder, "data"), bench.Count(count), size);
        return folder;
    }

    private static string Added(Bench bench, int count = Files, int size = Bytes)
    {
        var folder = Folder(bench, count, size);
        bench.Run(folder, "add", "data", "-q");
        return folder;
    }

    private static Measured After(Bench bench, Action<string> change)
    {
        var folder = Added(bench);
        return bench.Best(
            3,
            () =>
            {
                change(folder);
                return bench.Run(folder, "add", "data", "-q");
            }
        );
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
