using Serverless.Core;
using Serverless.Data.Operations;
using Serverless.Data.Repositories;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Data.Tests.Remotes;

public sealed class ImportTests(RemoteFixture fixture)
{
    [Fact]
    public async Task A_blob_is_imported_and_fetched_again_when_it_changed()
    {
        using var folder = new TestFolder();
        var prefix = RemoteFixture.NewName();
        await using var remote = fixture.Blobs(prefix);
        await remote.PutTextAsync("raw/data.csv", "a,b");
        RepositoryInit.Run(folder.Root, noScm: true, subFolder: false, force: false);
        File.AppendAllText(
            folder.At(".dvc", "config"),
            $"['remote \"az\"']\n    url = azure://{Store.ContainerName}/{prefix}\n    connection_string = {fixture.ConnectionString}\n"
        );
        using var repository = Repository.Open(folder.Root);
        var import = new ImportOperation(repository);

        await import.RunAsync($"azure://{Store.ContainerName}/{prefix}/raw/data.csv", folder.At("one.csv"), new ImportOptions());
        await import.RunAsync("remote://az/raw/data.csv", folder.At("two.csv"), new ImportOptions());

        Assert.Equal("a,b", await File.ReadAllTextAsync(folder.At("two.csv")));
        Assert.Contains(
            $"  size: 3\n  hash: md5\n  path: azure://{Store.ContainerName}/{prefix}/raw/data.csv\n",
            await File.ReadAllTextAsync(folder.At("one.csv.dvc"))
        );
        Assert.Contains("- etag: '\"", await File.ReadAllTextAsync(folder.At("one.csv.dvc")));
        Assert.Empty(await import.UpdateAsync([]));
        await remote.PutTextAsync("raw/data.csv", "a,b\n1,2");
        Assert.Equal(2, (await import.UpdateAsync([])).Count);
        Assert.Equal("a,b\n1,2", await File.ReadAllTextAsync(folder.At("one.csv")));
    }

    [Fact]
    public async Task A_blob_that_is_not_there_leaves_nothing_behind()
    {
        using var folder = new TestFolder();
        RepositoryInit.Run(folder.Root, noScm: true, subFolder: false, force: false);
        File.AppendAllText(
            folder.At(".dvc", "config"),
            $"['remote \"az\"']\n    url = azure://{Store.ContainerName}/x\n    connection_string = {fixture.ConnectionString}\n"
        );
        using var repository = Repository.Open(folder.Root);

        var e = await Assert.ThrowsAsync<ServerlessException>(() =>
            new ImportOperation(repository).RunAsync("remote://az/none", folder.At("one"), new ImportOptions())
        );

        Assert.Contains("'remote://az/none' does not exist", e.Message);
        Assert.False(File.Exists(folder.At("one.dvc")));
    }
}
