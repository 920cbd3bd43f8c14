namespace Serverless.Benchmarks.Data;

/// <summary>Push and pull against a storage account: `AZURE_STORAGE_CONNECTION_STRING` and `BENCH_REMOTE` (`azure://container/prefix`) name it.</summary>
internal static class RemoteRows
{
    private const int Files = 10_000;
    private const int Bytes = 10_000;

    public static IEnumerable<Row> All => Environment.GetEnvironmentVariable("BENCH_REMOTE") is not { Length: > 0 } remote ? [] :
    [
        new($"`push` {Files:N0} files of 10 KB", 133, 93, b => b.Run(Tracked(b, remote), "push", "-q")),
        new("`push` of nothing", 2.1, 0.5, b =>
        {
            var folder = Tracked(b, remote);
            b.Run(folder, "push", "-q");
            return Bench.Best(5, () => b.Run(folder, "push", "-q"));
        }),
        new("`push` after one change of 10,000 files", null, 1, b =>
        {
            var folder = Tracked(b, remote);
            b.Run(folder, "push", "-q");
            return Bench.Best(3, () =>
            {
                File.WriteAllText(Path.Combine(folder, "data/003/0003333"), Guid.CreateVersion7().ToString());
                b.Run(folder, "add", "data", "-q");
                return b.Run(folder, "push", "-q");
            });
        }),
        new($"`pull` {Files:N0} files of 10 KB", 167, 117, b =>
        {
            var folder = Tracked(b, remote);
            b.Run(folder, "push", "-q");
            Directory.Delete(Path.Combine(folder, "data"), recursive: true);
            Directory.Delete(Path.Combine(folder, ".dvc/cache"), recursive: true);
            return b.Run(folder, "pull", "-q");
        }),
    ];

    private static string Tracked(Bench bench, string remote)
    {
        var folder = bench.Repository();
        Bench.Fill(Path.Combine(folder, "data"), Files, Bytes);
        bench.Run(folder, "add", "data", "-q");
        bench.Run(folder, "remote", "add", "-d", "bench", $"{remote}/{Guid.CreateVersion7():N}");
        return folder;
    }
}
