using System.Net;
using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Remotes;
using Serverless.Storage;
using Serverless.Storage.Blobs;
using Serverless.Storage.Content;
using Serverless.Testing;

namespace Serverless.Data.Tests.Remotes;

/// <summary>Networks and stores that fail, and what is left then.</summary>
public sealed class RemoteFaultTests(RemoteFixture fixture) : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_push_that_breaks_off_shows_no_folder_and_the_next_one_sends_the_rest()
    {
        var prefix = RemoteFixture.NewName();
        var here = Caches.New(folder);
        var data = here.PutFolder(50);
        var handler = new FaultyHandler();
        handler.Refuse = r =>
            r.Method == HttpMethod.Put && handler.Count("PUT") > 20 ? new HttpRequestException("Network is unreachable") : null;
        await using (var broken = Impatient(prefix, handler))
        {
            var e = await Assert.ThrowsAsync<ServerlessException>(() => new ObjectUpload(broken, here, jobs: 4).PushAsync([data]));
            Assert.Equal(503, e.Status);
            Assert.Contains("of 51 objects were transferred before", e.Message);
        }

        var whole = new FaultyHandler();
        await using var remote = fixture.Blobs(prefix, whole);
        Assert.False(await remote.ExistsAsync(data.RemoteName));
        var sent = (await remote.NamesAsync()).Count;
        Assert.InRange(sent, 1, 20);

        Assert.Equal(51 - sent, (await new ObjectUpload(remote, here).PushAsync([data])).Count);
        Assert.Equal(51 - sent, whole.Count("PUT"));
        Assert.True(await remote.ExistsAsync(data.RemoteName));
    }

    [Fact]
    public async Task A_network_that_comes_back_is_waited_for()
    {
        var here = Caches.New(folder);
        var data = here.PutFolder(10);
        var refused = 0;
        var handler = new FaultyHandler
        {
            Refuse = r =>
                r.Method == HttpMethod.Put && Interlocked.Increment(ref refused) <= 3
                    ? new HttpRequestException("Connection refused")
                    : null,
        };
        await using var remote = fixture.Blobs(RemoteFixture.NewName(), handler);

        Assert.Equal(11, (await new ObjectUpload(remote, here, jobs: 2).PushAsync([data])).Count);
    }

    [Fact]
    public async Task The_listing_of_a_folder_is_sent_last()
    {
        var here = Caches.New(folder);
        var data = here.PutFolder(30);
        var puts = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var handler = new FaultyHandler
        {
            Alter = (request, _) =>
            {
                if (request.Method == HttpMethod.Put)
                {
                    puts.Enqueue(request.RequestUri!.AbsolutePath);
                }

                return Task.CompletedTask;
            },
        };
        await using var remote = fixture.Blobs(RemoteFixture.NewName(), handler);

        await new ObjectUpload(remote, here).PushAsync([data]);

        Assert.Equal(31, puts.Count);
        Assert.EndsWith(".dir", puts.Last());
        Assert.Single(puts, p => p.EndsWith(".dir", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_push_of_nothing_asks_for_one_object()
    {
        var prefix = RemoteFixture.NewName();
        var here = Caches.New(folder);
        var data = here.PutFolder(300);
        await using (var first = fixture.Blobs(prefix))
        {
            await new ObjectUpload(first, here).PushAsync([data]);
        }

        var handler = new FaultyHandler();
        await using var remote = fixture.Blobs(prefix, handler);
        Assert.Equal(0, (await new ObjectUpload(remote, here).PushAsync([data])).Count);
        Assert.Equal(1, handler.Total);
    }

    [Fact]
    public async Task After_one_change_the_files_that_are_known_are_not_asked_for()
    {
        var prefix = RemoteFixture.NewName();
        var here = Caches.New(folder);
        var data = here.PutFolder(300);
        var handler = new FaultyHandler();
        await using var remote = fixture.Blobs(prefix, handler);
        var index = new RemoteIndex(folder.At("tmp"), remote);
        await new ObjectUpload(remote, here, index).PushAsync([data]);

        var changed = DirectoryListing.Of(
            here.OpenListing(data.Digest).Files.Skip(1).Append(new DirectoryFile("new.txt", here.Put("new").Hash))
        );
        here.Put(changed);
        var before = handler.Total;
        var sent = await new ObjectUpload(remote, here, index).PushAsync([ObjectId.Parse(changed.Digest)]);

        Assert.Equal(2, sent.Count);
        Assert.InRange(handler.Total - before, 4, 5);
    }

    [Fact]
    public async Task What_the_index_remembers_is_proved_before_it_is_believed()
    {
        var prefix = RemoteFixture.NewName();
        var here = Caches.New(folder);
        var data = here.PutFolder(100);
        await using var remote = fixture.Blobs(prefix);
        var index = new RemoteIndex(folder.At("tmp"), remote);
        await new ObjectUpload(remote, here, index).PushAsync([data]);

        // Somebody collects garbage: the listing first, then its files.
        await remote.DeleteAsync(data.RemoteName);
        foreach (var file in here.OpenListing(data.Digest).Files)
        {
            await remote.DeleteAsync(new ObjectId(file.Digest, false).RemoteName);
        }

        Assert.Equal(101, (await new ObjectUpload(remote, here, index).PushAsync([data])).Count);
    }

    [Theory]
    [InlineData("swapped")]
    [InlineData("truncated")]
    public async Task What_is_not_what_its_name_says_is_refused_twice(string how)
    {
        var prefix = RemoteFixture.NewName();
        var (here, there) = (Caches.New(folder), Caches.New(folder));
        var file = here.Put("the right content of this object");
        var handler = new FaultyHandler();
        await using var remote = fixture.Blobs(prefix, handler);
        await new ObjectUpload(remote, here).PushAsync([file]);
        await remote.PutTextAsync(file.RemoteName, how == "swapped" ? "some other content of this object" : "the right con");

        var got = await new ObjectDownload(remote, there).FetchAsync([file]);

        Assert.Contains("rejected twice", Assert.Single(got.Failed).Error.Message);
        Assert.Equal(2, handler.Count("GET", file.RemoteName[13..]));
        Assert.False(there.Contains(file.Digest));
        Assert.Empty(Directory.EnumerateFiles(there.Folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task What_came_wrong_once_is_fetched_again()
    {
        var (here, there) = (Caches.New(folder), Caches.New(folder));
        var file = here.Put("the right content");
        var wrong = 1;
        var handler = new FaultyHandler
        {
            Alter = (request, answer) =>
            {
                if (request.Method == HttpMethod.Get && request.RequestUri!.Query.Length == 0 && Interlocked.Decrement(ref wrong) == 0)
                {
                    answer.Content = new ByteArrayContent("the wrong content"u8.ToArray());
                }

                return Task.CompletedTask;
            },
        };
        await using var remote = fixture.Api(RemoteFixture.NewName(), handler);
        await new ObjectUpload(remote, here).PushAsync([file]);

        var got = await new ObjectDownload(remote, there).FetchAsync([file]);

        Assert.Equal((1, true), (got.Count, got.IsComplete));
        Assert.Equal("the right content", there.Text(file));
    }

    [Fact]
    public async Task A_fetch_that_lacks_a_file_keeps_the_listing_and_tells()
    {
        var (here, there) = (Caches.New(folder), Caches.New(folder));
        var data = here.PutFolder(5);
        await using var remote = fixture.Blobs(RemoteFixture.NewName());
        await new ObjectUpload(remote, here).PushAsync([data]);
        var lost = new ObjectId(here.OpenListing(data.Digest).Files[2].Digest, false);
        await remote.DeleteAsync(lost.RemoteName);

        var got = await new ObjectDownload(remote, there).FetchAsync([data]);

        Assert.Equal([lost], got.Lost);
        Assert.Equal(5, got.Count);
    }

    [Fact]
    public async Task A_missing_container_is_said()
    {
        await using var remote = RemoteFactory.Open("azure://nobody-made-this/x", Options());
        var here = Caches.New(folder);
        foreach (
            var work in (Func<Task>[])
                [
                    () => new ObjectUpload(remote, here).PushAsync([here.Put("x")]),
                    () => new ObjectDownload(remote, Caches.New(folder)).FetchAsync([here.Put("x")]),
                ]
        )
        {
            var e = await Assert.ThrowsAsync<ServerlessException>(work);
            Assert.Contains("Container 'nobody-made-this' does not exist", e.Message);
            Assert.Contains("az storage container create", e.Fix);
        }
    }

    [Fact]
    public async Task Refused_credentials_are_said_without_the_credentials()
    {
        var wrong = fixture.ConnectionString.Replace("AccountKey=Eby8", "AccountKey=Zby8", StringComparison.Ordinal);
        await using var remote = RemoteFactory.Open(
            $"azure://{Store.ContainerName}/x",
            new Dictionary<string, string> { ["connection_string"] = wrong }
        );
        var here = Caches.New(folder);

        var e = await Assert.ThrowsAsync<ServerlessException>(() => new ObjectUpload(remote, here).PushAsync([here.Put("x")]));

        Assert.Equal(403, e.Status);
        Assert.Contains("refused the remote's credentials", e.Message);
        Assert.DoesNotContain("Zby8", e.ToString());
    }

    [Fact]
    public async Task An_expired_signature_is_called_that()
    {
        var handler = new FaultyHandler
        {
            Alter = (_, answer) =>
            {
                answer.StatusCode = HttpStatusCode.Forbidden;
                answer.Headers.Add("x-ms-error-code", "AuthenticationFailed");
                answer.Content = new StringContent(
                    "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to "
                        + "authenticate the request.</Message><AuthenticationErrorDetail>Signature not valid in the specified time "
                        + "frame: Start [Tue, 01 Jan 2019] - Expiry [Wed, 02 Jan 2019]</AuthenticationErrorDetail></Error>",
                    System.Text.Encoding.UTF8,
                    "application/xml"
                );
                return Task.CompletedTask;
            },
        };
        await using var remote = fixture.Blobs("x", handler);

        var e = await Assert.ThrowsAsync<ServerlessException>(async () => await remote.NamesAsync());

        Assert.Contains("has expired", e.Fix);
    }

    [Theory]
    [InlineData("s3://bucket/x", "not supported")]
    [InlineData("ssh://host/x", "not supported")]
    [InlineData("azure:///x", "has no container name")]
    public void Other_remotes_are_named_in_one_line(string url, string message)
    {
        var e = Assert.Throws<ServerlessException>(() => RemoteFactory.Open(url, Options()));
        Assert.Equal(400, e.Status);
        Assert.Contains(message, e.Message);
    }

    private Dictionary<string, string> Options() => new() { ["connection_string"] = fixture.ConnectionString };

    private BlobRemote Impatient(string prefix, HttpMessageHandler handler) =>
        new(
            BlobFolder.Open(
                new BlobAccess
                {
                    ConnectionString = fixture.ConnectionString,
                    Handler = handler,
                    OutageTolerance = TimeSpan.FromMilliseconds(1),
                },
                Store.ContainerName,
                prefix
            )
        );
}
