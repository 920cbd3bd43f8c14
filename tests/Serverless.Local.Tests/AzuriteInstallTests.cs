using Serverless.Local.Azurite;
using Serverless.Testing;

namespace Serverless.Local.Tests;

public sealed class AzuriteInstallTests : IDisposable
{
    private static readonly DateTime Long = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>
    /// A launcher that was written anew with each start was read half-written by the start before, once in some thousand.
    /// </summary>
    [Fact]
    public async Task What_is_there_already_is_not_written_again()
    {
        var path = folder.At("launch.cjs");
        await AzuriteInstall.LayDownAsync("launch.cjs", path, TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(path, Long);

        await AzuriteInstall.LayDownAsync("launch.cjs", path, TestContext.Current.CancellationToken);

        Assert.Equal(Long, File.GetLastWriteTimeUtc(path));
    }

    [Fact]
    public async Task What_another_version_left_is_replaced_and_whoever_reads_it_keeps_the_whole_of_it()
    {
        var path = folder.Write("launch.cjs", "// another version");
        using var reader = new StreamReader(path);

        await AzuriteInstall.LayDownAsync("launch.cjs", path, TestContext.Current.CancellationToken);

        Assert.Equal("// another version", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Contains("Azurite", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(["launch.cjs"], Directory.GetFiles(folder.Root).Select(Path.GetFileName));
    }
}
