using Serverless.Data.Files;
using Serverless.Data.Remotes;
using Serverless.Testing;

namespace Serverless.Data.Tests.Remotes;

/// <summary>What every kind of remote does alike.</summary>
public sealed class RemoteContractTests(RemoteFixture fixture) : IDisposable
{
    private readonly TestFolder folder = new();

    public static TheoryData<string> Kinds => ["blobs", "folder", "api"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_pushed_comes_back(string kind)
    {
        await using var remote = Open(kind);
        var (here, there) = (Caches.New(folder), Caches.New(folder));
        var file = here.Put("a single file");
        var large = here.Put(new byte[20 << 20]);
        var data = here.PutFolder(40);

        var sent = await new ObjectUpload(remote, here).PushAsync([file, large, data]);
        var got = await new ObjectDownload(remote, there).FetchAsync([file, large, data]);

        Assert.Equal((43, 43), (sent.Count, got.Count));
        Assert.True(sent.IsComplete && got.IsComplete);
        Assert.Equal("a single file", there.Text(file));
        Assert.Equal(20 << 20, new FileInfo(there.PathOf(large.Digest)).Length);
        Assert.Equal("content 7", there.Text(new ObjectId(there.OpenListing(data.Digest).Find("part/00007.txt")!.Value, false)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_second_push_and_a_second_fetch_do_nothing(string kind)
    {
        await using var remote = Open(kind);
        var (here, there) = (Caches.New(folder), Caches.New(folder));
        var data = here.PutFolder(20);
        await new ObjectUpload(remote, here).PushAsync([data]);
        await new ObjectDownload(remote, there).FetchAsync([data]);

        Assert.Equal(0, (await new ObjectUpload(remote, here).PushAsync([data])).Count);
        Assert.Equal(0, (await new ObjectDownload(remote, there).FetchAsync([data])).Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_nowhere_is_told_and_its_folder_is_not_sent(string kind)
    {
        await using var remote = Open(kind);
        var here = Caches.New(folder);
        var data = here.PutFolder(12);
        var lost = new ObjectId(here.OpenListing(data.Digest).Files[3].Digest, false);
        File.Delete(here.PathOf(lost.Digest));

        var sent = await new ObjectUpload(remote, here).PushAsync([data]);

        Assert.Equal([lost], sent.Lost);
        Assert.Equal(11, sent.Count);
        Assert.False(await remote.ExistsAsync(data.RemoteName));
        // Whoever still has it completes it.
        here.Put("content 3");
        Assert.Equal(2, (await new ObjectUpload(remote, here).PushAsync([data])).Count);
        Assert.True(await remote.ExistsAsync(data.RemoteName));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_corrupt_object_is_not_sent(string kind)
    {
        await using var remote = Open(kind);
        var here = Caches.New(folder);
        var (good, bad) = (here.Put("good"), here.Put("bad"));
        here.Corrupt(bad);

        var sent = await new ObjectUpload(remote, here).PushAsync([good, bad]);

        Assert.Equal(bad, Assert.Single(sent.Failed).Id);
        Assert.True(await remote.ExistsAsync(good.RemoteName));
        Assert.False(await remote.ExistsAsync(bad.RemoteName));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Objects_of_DVC_2_keep_their_place_and_their_rule(string kind)
    {
        await using var remote = Open(kind);
        var (here, there) = (Caches.New(folder), Caches.New(folder));
        // md5 of "a\nb\n": the line ends of Windows do not count.
        var id = ObjectId.Parse("dd8c6a395b5dd36c56d23275028f526c", HashKind.Md5Dos2Unix);
        here.Put(id.Digest, to => to.Write("a\r\nb\r\n"u8), HashKind.Md5Dos2Unix);

        await new ObjectUpload(remote, here).PushAsync([id]);
        var got = await new ObjectDownload(remote, there).FetchAsync([id]);

        Assert.Equal(1, got.Count);
        Assert.Equal("a\r\nb\r\n", there.Text(id));
        Assert.True(await remote.ExistsAsync("dd/8c6a395b5dd36c56d23275028f526c"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Only_a_part_of_a_folder_is_fetched(string kind)
    {
        await using var remote = Open(kind);
        var (here, there) = (Caches.New(folder), Caches.New(folder));
        var data = here.PutFolder(30);
        await new ObjectUpload(remote, here).PushAsync([data]);

        var got = await new ObjectDownload(remote, there).FetchAsync([data], path => path == "part/00004.txt");

        Assert.Equal(2, got.Count);
        Assert.Equal("content 4", there.Text(new ObjectId(there.OpenListing(data.Digest).Find("part/00004.txt")!.Value, false)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Two_pushes_at_once_are_as_good_as_one(string kind)
    {
        await using var remote = Open(kind);
        var here = Caches.New(folder);
        ObjectId[] objects = [here.PutFolder(60), here.Put(new byte[18 << 20])];

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => new ObjectUpload(remote, here).PushAsync(objects)));

        Assert.Equal(62, (await remote.NamesAsync()).Count);
        var there = Caches.New(folder);
        Assert.Equal(62, (await new ObjectDownload(remote, there).FetchAsync(objects)).Count);
    }

    private IRemote Open(string kind) =>
        kind switch
        {
            "blobs" => fixture.Blobs(RemoteFixture.NewName()),
            "folder" => new FolderRemote(folder.At("remote")),
            _ => fixture.Api(RemoteFixture.NewName()),
        };
}
