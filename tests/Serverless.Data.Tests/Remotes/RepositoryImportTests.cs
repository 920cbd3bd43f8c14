using System.Diagnostics;
using Serverless.Data.Files;
using Serverless.Data.Operations;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;
using Serverless.Storage.Content;
using Serverless.Testing;

namespace Serverless.Data.Tests.Remotes;

/// <summary>What `dvc import` took out of another repository: fetched from there again, sent nowhere.</summary>
public sealed class RepositoryImportTests : IDisposable
{
    private static readonly UsedSelection Workspace = new();
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("its cache", "../../store", "../source")]
    [InlineData("its remote", "../../store", "../source")]
    [InlineData("its remote", "{0}/store", "file://{0}/source")]
    public async Task Imported_data_comes_from_the_other_repositorys_cache_or_remote(string from, string remote, string url)
    {
        var (commit, digest) = await MakeSourceAsync(string.Format(null, remote, folder.Root));
        Import("data", digest, string.Format(null, url, folder.Root), commit);
        if (from == "its remote")
        {
            Directory.Delete(folder.At("source", ".dvc", "cache"), recursive: true);
        }

        using var here = Repository.Open(folder.At("here"));
        var got = (await new RepositoryTransfer(here).FetchAsync(Workspace)).Summary;

        Assert.Equal((2, true), (got.Count, got.IsComplete));
        Assert.Equal(["a.txt", "sub/b.txt"], here.Cache.OpenListing(digest).Files.Select(f => f.Path));
        Assert.Empty(new CheckoutOperation(here).Run([], force: false).Failed);
        Assert.Equal("two", File.ReadAllText(folder.At("here", "data", "sub", "b.txt")));
        Assert.Empty(new StatusOperation(here).Run(RepositoryIndex.Load(here), []).Entries);
        // A second time there is nothing to do, whatever became of the other repository.
        Directory.Move(folder.At("source"), folder.At("gone"));
        Assert.Equal(0, (await new RepositoryTransfer(here).FetchAsync(Workspace)).Summary.Count);
    }

    [Fact]
    public async Task It_is_not_pushed_and_not_missed_in_the_own_remote()
    {
        var (commit, digest) = await MakeSourceAsync(folder.At("store"));
        Import("data", digest, folder.At("source"), commit);
        File.AppendAllText(
            folder.At("here", ".dvc", "config"),
            $"[core]\n    remote = own\n['remote \"own\"']\n    url = {folder.At("own")}\n"
        );
        using var here = Repository.Open(folder.At("here"));
        await new RepositoryTransfer(here).FetchAsync(Workspace);

        Assert.Equal(0, (await new RepositoryTransfer(here).PushAsync(Workspace)).Summary.Count);
        Assert.False(Directory.Exists(folder.At("own")));
        Assert.Empty(await new RepositoryTransfer(here).CompareAsync(Workspace));
    }

    [Fact]
    public async Task What_git_keeps_there_can_be_imported_too_and_a_part_alone_can_be_fetched()
    {
        var (commit, digest) = await MakeSourceAsync(folder.At("store"));
        Import(
            "code",
            DirectoryListing.Of([new DirectoryFile("in-git.txt", Md5Digest.Parse("35d6d33467aae9a2e3dccb4b6b027878"))]).Digest,
            folder.At("source"),
            commit
        );
        Import("data", digest, folder.At("source"), commit);
        Directory.Delete(folder.At("source", ".dvc", "cache"), recursive: true);
        using var here = Repository.Open(folder.At("here"));

        Assert.Equal(
            1,
            (await new RepositoryTransfer(here).FetchAsync(new UsedSelection { Targets = [folder.At("here", "data", "sub")] }))
                .Summary
                .Count
        );
        Assert.Equal("two", here.Cache.Text(ObjectId.Parse("b8a9f715dbb64fd5c56e7783c6820a61")));
        Assert.Equal(2, (await new RepositoryTransfer(here).FetchAsync(Workspace)).Summary.Count);
        new CheckoutOperation(here).Run([], force: false);
        Assert.Equal("three", File.ReadAllText(folder.At("here", "code", "in-git.txt")));
    }

    [Fact]
    public async Task What_is_not_what_was_imported_is_refused()
    {
        var (commit, _) = await MakeSourceAsync(folder.At("store"));
        Import("data", "d751713988987e9331980363e24189ce.dir", folder.At("source"), commit);
        using var here = Repository.Open(folder.At("here"));

        var got = (await new RepositoryTransfer(here).FetchAsync(Workspace)).Summary;

        Assert.Contains("here/data' was imported from", Assert.Single(got.Failed).Error.Message);
        Assert.False(here.Cache.Contains("d751713988987e9331980363e24189ce.dir"));
    }

    /// <summary>A repository with a folder of data and one that git keeps; a later commit has neither.</summary>
    private async Task<(string Commit, string Digest)> MakeSourceAsync(string remote)
    {
        var root = folder.At("source");
        Git("init", "-q", "-b", "main", root);
        RepositoryInit.Run(root, noScm: false, subFolder: false, force: false);
        File.AppendAllText(
            folder.At("source", ".dvc", "config"),
            $"[core]\n    remote = store\n['remote \"store\"']\n    url = {remote}\n"
        );
        folder.Write("source/data/a.txt", "one");
        folder.Write("source/data/sub/b.txt", "two");
        folder.Write("source/code/in-git.txt", "three");
        using var source = Repository.Open(root);
        new AddOperation(source).Run([folder.At("source", "data")], new AddOptions());
        await new RepositoryTransfer(source).PushAsync(Workspace);
        var digest = RepositoryIndex.Load(source).Outputs.Single().Entry.Digest!;
        Commit("first");
        var commit = Git("-C", root, "rev-parse", "HEAD").Trim();
        File.Delete(folder.At("source", "data.dvc"));
        Directory.Delete(folder.At("source", "code"), recursive: true);
        Commit("second");
        return (commit, digest);

        void Commit(string message)
        {
            Git("-C", root, "add", "-A");
            Git("-C", root, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", message);
        }
    }

    /// <summary>The pointer that `dvc import` writes.</summary>
    private void Import(string path, string digest, string url, string commit)
    {
        if (!Directory.Exists(folder.At("here")))
        {
            Directory.CreateDirectory(folder.At("here"));
            RepositoryInit.Run(folder.At("here"), noScm: true, subFolder: false, force: false);
        }

        folder.Write(
            $"here/{path}.dvc",
            $"frozen: true\ndeps:\n- path: {path}\n  repo:\n    url: {url}\n    rev_lock: {commit}\nouts:\n- md5: {digest}\n  hash: "
                + $"md5\n  path: {path}\n"
        );
    }

    private static string Git(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true })!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return output;
    }
}
