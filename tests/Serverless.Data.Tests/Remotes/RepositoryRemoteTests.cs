using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Serverless.Core;
using Serverless.Data.Maintenance;
using Serverless.Data.Operations;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;
using Serverless.Testing;

namespace Serverless.Data.Tests.Remotes;

/// <summary>Whole repositories against remotes: history, garbage collection, repair, tags.</summary>
public sealed class RepositoryRemoteTests : IDisposable
{
    private static readonly UsedSelection Workspace = new();
    private readonly TestFolder folder = new();
    private readonly string root;

    public RepositoryRemoteTests()
    {
        root = folder.At("repo");
        Directory.CreateDirectory(root);
        Git("init", "-q", "-b", "main");
        Git("config", "user.name", "t");
        Git("config", "user.email", "t@example.org");
        RepositoryInit.Run(root, noScm: false, subFolder: false, force: false);
        File.AppendAllText(
            Path.Combine(root, ".dvc", "config"),
            $"[core]\n    remote = store\n['remote \"store\"']\n    url = {folder.At("remote")}\n['remote \"other\"']\n    url = "
                + $"{folder.At("other")}\n"
        );
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task History_is_pushed_and_fetched()
    {
        Add("data.txt", "first");
        Commit();
        Add("data.txt", "second");
        Commit();
        Git("tag", "v1");
        Add("data.txt", "third");

        using var repository = Repository.Open(root);
        Assert.Equal(1, (await new RepositoryTransfer(repository).PushAsync(Workspace)).Summary.Count);
        Assert.Equal(1, (await new RepositoryTransfer(repository).PushAsync(Workspace with { AllTags = true })).Summary.Count);
        Assert.Equal(1, (await new RepositoryTransfer(repository).PushAsync(Workspace with { AllCommits = true })).Summary.Count);
        Assert.Equal(
            0,
            (await new RepositoryTransfer(repository).PushAsync(Workspace with { AllCommits = true, AllBranches = true })).Summary.Count
        );

        Directory.Delete(repository.Cache.Folder, recursive: true);
        Assert.Equal(3, (await new RepositoryTransfer(repository).FetchAsync(Workspace with { AllCommits = true })).Summary.Count);
    }

    [Fact]
    public async Task An_output_with_a_remote_of_its_own_goes_there()
    {
        Add("a.txt", "a");
        Add("b.txt", "b");
        File.WriteAllText(Path.Combine(root, "b.txt.dvc"), File.ReadAllText(Path.Combine(root, "b.txt.dvc")) + "  remote: other\n");
        using var repository = Repository.Open(root);

        await new RepositoryTransfer(repository).PushAsync(Workspace);

        Assert.Single(await new FolderRemote(folder.At("remote")).NamesAsync());
        Assert.Single(await new FolderRemote(folder.At("other")).NamesAsync());
    }

    [Fact]
    public async Task Differences_of_cache_and_remote_are_named()
    {
        Add("dir/1.txt", "one", track: "dir");
        using var repository = Repository.Open(root);
        var transfer = new RepositoryTransfer(repository);
        Assert.Equal(["new"], (await transfer.CompareAsync(Workspace)).Values.Distinct());
        await transfer.PushAsync(Workspace);
        Assert.Empty(await transfer.CompareAsync(Workspace));
        Directory.Delete(repository.Cache.Folder, recursive: true);
        Assert.Equal(["deleted"], (await transfer.CompareAsync(Workspace)).Values);
        Directory.Delete(folder.At("remote"), recursive: true);
        Assert.Equal(["missing"], (await transfer.CompareAsync(Workspace)).Values);
    }

    [Fact]
    public async Task What_nothing_uses_is_set_aside_and_comes_back()
    {
        Add("dir/1.txt", "old", track: "dir");
        using (var before = Repository.Open(root))
        {
            await new RepositoryTransfer(before).PushAsync(Workspace);
        }

        Add("dir/1.txt", "new", track: "dir");
        using var repository = Repository.Open(root);
        await new RepositoryTransfer(repository).PushAsync(Workspace);
        var store = new FolderRemote(folder.At("remote"));
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var collection = new GarbageCollection(store, clock);
        var use = new GarbageUse(store);
        await use.AddAsync(repository, Workspace, runCache: true);

        // All of it is young still.
        Assert.Empty((await collection.PlanAsync(use.Used, TimeSpan.FromDays(7))).Goes);
        clock.Advance(TimeSpan.FromDays(8));
        var plan = await collection.PlanAsync(use.Used, TimeSpan.FromDays(7));
        Assert.Equal(2, plan.Goes.Count);
        Assert.Contains(plan.Stays, s => s.Count == 2 && s.Reason.Contains(root, StringComparison.Ordinal));

        var record = await collection.CollectAsync(plan);
        Assert.Equal(2, (await store.NamesAsync()).Count);
        Assert.True((await new RepositoryTransfer(repository).CompareAsync(Workspace)).Count == 0);
        Assert.Equal(record.Id, Assert.Single(await collection.ListTrashAsync()).Id);

        Assert.Equal(2, await collection.UndoAsync(record));
        Assert.Equal(4, (await store.NamesAsync()).Count);
        Assert.Empty(await collection.ListTrashAsync());

        var again = await collection.CollectAsync(plan);
        await collection.PurgeAsync(again);
        Assert.Empty(await collection.ListTrashAsync());
        Assert.Empty(Directory.EnumerateFiles(folder.At("remote", "trash"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_listing_that_cannot_be_read_stops_the_collection()
    {
        Add("dir/1.txt", "x", track: "dir");
        using var repository = Repository.Open(root);
        Directory.Delete(repository.Cache.Folder, recursive: true);

        var e = await Assert.ThrowsAsync<ServerlessException>(() =>
            new GarbageUse(new FolderRemote(folder.At("remote"))).AddAsync(repository, Workspace, runCache: false)
        );

        Assert.Contains("Nothing was collected", e.Message);
    }

    [Fact]
    public async Task A_corrupt_remote_is_repaired_from_the_cache_and_the_cache_from_a_remote()
    {
        Add("dir/1.txt", "one", track: "dir");
        Add("two.txt", "two");
        using var repository = Repository.Open(root);
        await new RepositoryTransfer(repository).PushAsync(Workspace);
        var store = new FolderRemote(folder.At("remote"));
        var names = await store.NamesAsync();
        var (corrupt, missing) = (
            names.First(n => !n.EndsWith(".dir", StringComparison.Ordinal)),
            names.First(n => n.EndsWith(".dir", StringComparison.Ordinal))
        );
        await store.DeleteAsync(corrupt);
        Directory.CreateDirectory(Path.GetDirectoryName(folder.At("remote", corrupt))!);
        File.WriteAllText(folder.At("remote", corrupt), "rot");
        await store.DeleteAsync(missing);

        var found = await new ObjectCheck(repository, []).RemoteAsync(store, Workspace, repair: false);
        Assert.Equal(["corrupt", "missing"], found.Select(f => f.State).Order());
        found = await new ObjectCheck(repository, []).RemoteAsync(store, Workspace, repair: true);
        Assert.All(found, f => Assert.Equal("the cache", f.RepairedFrom));
        Assert.Empty(await new ObjectCheck(repository, []).RemoteAsync(store, Workspace, repair: false));

        repository.Cache.Corrupt(ObjectId.OfRemoteName(corrupt)!.Value);
        found = await new ObjectCheck(repository, [("the remote 'store'", store)]).CacheAsync(Workspace, repair: true, all: false);
        Assert.Equal("the remote 'store'", Assert.Single(found).RepairedFrom);
        Assert.Empty(await new ObjectCheck(repository, []).CacheAsync(Workspace, repair: false, all: true));
    }

    [Fact]
    public async Task Files_go_to_the_remote_without_the_cache_and_into_a_folder_that_is_not_here()
    {
        Directory.CreateDirectory(folder.At("elsewhere", "big"));
        File.WriteAllText(folder.At("elsewhere", "big", "1.csv"), "one");
        using var repository = Repository.Open(root);
        var remote = new FolderRemote(folder.At("remote"));
        await new RemoteAdd(repository, remote).AddAsync(folder.At("elsewhere", "big"), Path.Combine(root, "big"));

        Assert.Equal(2, (await remote.NamesAsync()).Count);
        Assert.False(Directory.Exists(Path.Combine(root, "big")));
        Directory.Delete(repository.Cache.Folder, recursive: true);

        using var later = Repository.Open(root);
        File.WriteAllText(folder.At("elsewhere", "2.csv"), "two two");
        await new RemoteAdd(later, remote).AddIntoAsync([folder.At("elsewhere", "2.csv")], Path.Combine(root, "big.dvc"), "more");

        var output = Assert.Single(RepositoryIndex.Load(later).Outputs);
        Assert.Equal((2, 10), (output.Entry.FileCount!.Value, output.Entry.Size!.Value));
        Assert.Equal(["1.csv", "more/2.csv"], later.Cache.OpenListing(output.Entry.Digest!).Files.Select(f => f.Path));
        Assert.Equal(2, (await new RepositoryTransfer(later).PushAsync(Workspace)).Summary.Count);
    }

    [Fact]
    public async Task A_file_of_another_repository_comes_from_its_remote_without_the_rest()
    {
        Add("dir/1.txt", "one", track: "dir");
        Add("dir/2.txt", "two", track: "dir");
        using (var repository = Repository.Open(root))
        {
            await new RepositoryTransfer(repository).PushAsync(Workspace);
        }

        Commit();
        Directory.Delete(Path.Combine(root, ".dvc", "cache"), recursive: true);
        using var tree = RepositoryTree.Open(root, "HEAD");
        Assert.Empty(tree.Below("dir/2.txt"));

        Assert.Equal(1, await TreeFetch.RunAsync(tree, "dir/2.txt"));

        var item = Assert.Single(tree.Below("dir/2.txt"));
        Assert.Empty(tree.Missing([item]));
        Assert.Single(tree.Missing(tree.Below("dir/1.txt")));
        tree.CopyTo(item, folder.At("got.txt"));
        Assert.Equal("two", File.ReadAllText(folder.At("got.txt")));
    }

    [Fact]
    public void Tags_are_GTOs()
    {
        Commit("one");
        using var repository = Repository.Open(root);
        Assert.Equal("churn@v0.0.1", ArtifactTags.Open(repository).Register("churn", "HEAD", null, VersionPart.Patch));
        Assert.Throws<ServerlessException>(() => ArtifactTags.Open(repository).Register("churn", "HEAD", null, VersionPart.Patch));
        Commit("two");
        Assert.Equal("churn@v0.1.0", ArtifactTags.Open(repository).Register("churn", "HEAD", null, VersionPart.Minor));
        Assert.Equal("churn#prod#1", ArtifactTags.Open(repository).Assign("churn", "prod", "v0.0.1", null));
        Assert.Equal("churn#prod#2", ArtifactTags.Open(repository).Assign("churn", "prod", null, null));
        Assert.Equal("v0.1.0", ArtifactTags.Open(repository).List()[0].Stages["prod"]);
        Assert.Equal("churn#prod!#3", ArtifactTags.Open(repository).Unassign("churn", "prod", null));
        Assert.Empty(ArtifactTags.Open(repository).List()[0].Stages);
        Assert.Equal("sub=model@v1.2.3", ArtifactTags.Open(repository).Register("sub:model", "HEAD", "v1.2.3", VersionPart.Patch));
        Assert.Equal("churn@v0.0.1!", ArtifactTags.Open(repository).Deprecate("churn", "v0.0.1"));
        Assert.Throws<ServerlessException>(() => ArtifactTags.Open(repository).Register("Bad Name", "HEAD", null, VersionPart.Patch));
        Assert.Throws<ServerlessException>(() => ArtifactTags.Open(repository).Register("churn", "HEAD", "1.0", VersionPart.Patch));
    }

    private void Add(string path, string text, string? track = null)
    {
        var full = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        using var repository = Repository.Open(root);
        new AddOperation(repository).Run([Path.Combine(root, track ?? path)], new AddOptions());
    }

    private void Commit(string? text = null)
    {
        if (text is not null)
        {
            File.WriteAllText(Path.Combine(root, "note.txt"), text);
        }

        Git("add", "-A");
        Git("commit", "-q", "-m", "x");
    }

    private void Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = root, RedirectStandardError = true };
        using var git = Process.Start(start)!;
        var error = git.StandardError.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, error);
    }
}
