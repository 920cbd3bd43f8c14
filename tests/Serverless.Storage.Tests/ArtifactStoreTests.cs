using Azure.Storage.Blobs;
using Serverless.Core;
using Serverless.Storage.Artifacts;
using Serverless.Storage.Blobs;
using Serverless.Testing;

namespace Serverless.Storage.Tests;

public sealed class ArtifactStoreTests(AzuriteFixture azurite)
{
    private const int Block = 4 << 20;

    [Fact]
    public async Task A_body_shorter_than_it_said_stores_nothing()
    {
        var store = await azurite.OpenStoreAsync();
        foreach (var (said, sent) in ((long, int)[])[(10, 5), (Block + 10, Block + 5), (3 * Block, Block)])
        {
            await Assert.ThrowsAsync<ServerlessException>(() => store.Artifacts.UploadAsync("d/f", new MemoryStream(new byte[sent]), said));
        }

        Assert.Empty(await store.Artifacts.ListAsync("d"));
        Assert.Null(await store.Artifacts.FindAsync("d/f"));
    }

    [Fact]
    public async Task A_body_that_fails_after_some_blocks_leaves_the_file_as_it_was_and_the_path_free()
    {
        var store = await azurite.OpenStoreAsync();
        await store.Artifacts.UploadAsync("f", new MemoryStream([1]));
        await Assert.ThrowsAsync<IOException>(() => store.Artifacts.UploadAsync("f", new FailingStream((3 * Block) + 1)));
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            store.Artifacts.UploadAsync("f", new MemoryStream(new byte[Block * 2]), null, canceled.Token)
        );

        await using var content = await store.Artifacts.OpenAsync("f");
        Assert.Equal(1, content!.Info.Length);
        Assert.Equal(1, content.Body.ReadByte());
        await store.Artifacts.UploadAsync("f", new MemoryStream(new byte[(2 * Block) + 1]));
        Assert.Equal((2 * Block) + 1, (await store.Artifacts.FindAsync("f"))!.Length);
    }

    [Fact]
    public async Task Workspaces_and_names_that_begin_alike_do_not_see_each_other()
    {
        var store = await azurite.OpenStoreAsync();
        var other = store.In(store.Workspace + "x");
        await store.Artifacts.UploadAsync("a/f", new MemoryStream([1]));
        await store.Artifacts.UploadAsync("ab/f", new MemoryStream([1]));
        await other.Artifacts.UploadAsync("a/f", new MemoryStream([1, 2]));

        Assert.True(await store.Artifacts.DeleteAsync("a"));
        Assert.False(await store.Artifacts.DeleteAsync("a"));
        Assert.Equal([new ArtifactEntry("ab", true)], await store.Artifacts.ListAsync(""));
        Assert.Equal(2, (await other.Artifacts.FindAsync("a/f"))!.Length);
    }

    [Fact]
    public async Task Content_is_read_as_a_stream_whole_and_in_part()
    {
        var store = await azurite.OpenStoreAsync();
        var good = await store.Content.PutBytesAsync("good"u8.ToArray());
        await using (var content = await store.Content.OpenAsync(good.Digest))
        {
            using var text = new StreamReader(content!.Body);
            Assert.Equal("good", await text.ReadToEndAsync());
        }

        await using var middle = await store.Content.OpenAsync(good.Digest, new ByteRange(1, 2));
        using var part = new StreamReader(middle!.Body);
        Assert.Equal("oo", await part.ReadToEndAsync());
        Assert.Null(await store.Content.OpenAsync(new string('1', 32)));
    }

    [Fact]
    public async Task Content_that_is_not_what_its_digest_says_fails_as_it_is_read()
    {
        var store = await azurite.OpenStoreAsync();
        var digest = new string('0', 32);
        var blob = new BlobClient(azurite.ConnectionString, Store.ContainerName, $"{store.Workspace}/files/md5/00/{digest[2..]}");
        await blob.UploadAsync(BinaryData.FromString("wrong"));

        await using var content = await store.Content.OpenAsync(digest);
        var e = await Assert.ThrowsAsync<ServerlessException>(() => content!.Body.CopyToAsync(Stream.Null));
        Assert.Equal(500, e.Status);
    }

    [Fact]
    public async Task An_upload_whose_blocks_another_one_displaced_is_not_completed()
    {
        var store = await azurite.OpenStoreAsync();
        var upload = await store.Artifacts.Multipart.CreateAsync("f", 1, TimeProvider.System.GetUtcNow());
        var part = await store.Artifacts.Multipart.UploadPartAsync(upload.Id, 1, new MemoryStream([1, 2]), 2);
        await store.Artifacts.UploadAsync("f", new MemoryStream(new byte[Block + 1]));

        var e = await Assert.ThrowsAsync<ServerlessException>(() => store.Artifacts.Multipart.CompleteAsync(upload.Id, "f", [part]));
        Assert.Equal(409, e.Status);
        Assert.Equal(Block + 1, (await store.Artifacts.FindAsync("f"))!.Length);
    }

    /// <summary>Gives zeros, and breaks after a number of bytes.</summary>
    private sealed class FailingStream(int bytes) : MemoryStream(new byte[bytes])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var read ? read : throw new IOException("broken");
    }
}
