using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Serverless.Core;
using Serverless.Testing;

namespace Serverless.Local.Tests;

/// <summary>What Azurite has acknowledged is there after it was killed: it saves only every few seconds, its journal does not
/// wait.</summary>
public sealed class AzuriteJournalTests : IAsyncLifetime
{
    private const int Writers = 4;
    private const int Rounds = 3;
    private const int WritesOfRound = 30;
    private readonly TestFolder folder = new();
    private readonly OwnAzurite azurite;

    public AzuriteJournalTests() => azurite = new OwnAzurite(folder.Root);

    public async ValueTask InitializeAsync() => await azurite.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await azurite.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Every_acknowledged_write_of_tables_and_blobs_survives_kills_of_the_store()
    {
        var acknowledged = new ConcurrentDictionary<string, string>();
        await Client<TableClient>().CreateAsync();
        await Client<BlobContainerClient>().CreateAsync();

        for (var round = 0; round < Rounds; round++)
        {
            var writes = Enumerable.Range(0, Writers).Select(w => WriteAsync($"{round}-{w}", acknowledged)).ToList();
            await Eventually.HoldsAsync(() => acknowledged.Count >= (round + 1) * WritesOfRound, () => $"{acknowledged.Count} writes");
            await azurite.KillAsync();
            await Task.WhenAll(writes);
            await azurite.StartAsync();
            Assert.Equal([], await LostAsync(acknowledged));
        }
    }

    [Fact]
    public async Task What_was_deleted_stays_deleted_and_a_transaction_is_whole()
    {
        var table = Client<TableClient>();
        await table.CreateAsync();
        await table.SubmitTransactionAsync(Entities(20).Select(e => new TableTransactionAction(TableTransactionActionType.Add, e)));
        await table.DeleteEntityAsync("p", "3");
        await table.UpdateEntityAsync(new TableEntity("p", "4") { ["v"] = "new" }, ETag.All, TableUpdateMode.Replace);
        await azurite.KillAsync();
        await azurite.StartAsync();

        var found = await Client<TableClient>().QueryAsync<TableEntity>().ToDictionaryAsync(e => e.RowKey, e => e.GetString("v"));

        Assert.Equal(19, found.Count);
        Assert.DoesNotContain("3", found.Keys);
        Assert.Equal("new", found["4"]);
    }

    [Fact]
    public async Task A_line_that_was_cut_off_and_a_journal_of_an_older_save_are_passed_over()
    {
        var table = Client<TableClient>();
        await table.CreateAsync();
        await table.AddEntityAsync(new TableEntity("p", "kept") { ["v"] = "1" });
        await azurite.KillAsync();
        var journal = Directory.GetFiles(folder.At("data"), "__azurite_db_table__.json.journal.*").Single();
        await File.AppendAllTextAsync(journal, "[[\"$SERV", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            journal[..journal.LastIndexOf('.')] + ".0",
            "[[\"\",\"drop\"]]\n",
            TestContext.Current.CancellationToken
        );
        await azurite.StartAsync();

        Assert.Equal("1", (await Client<TableClient>().GetEntityAsync<TableEntity>("p", "kept")).Value.GetString("v"));
    }

    [Fact]
    public async Task What_cannot_be_kept_is_refused_until_it_can()
    {
        var table = Client<TableClient>();
        await table.CreateAsync();
        var journal = Directory.GetFiles(folder.At("data"), "__azurite_db_table__.json.journal.*").Single();
        var next =
            journal[..(journal.LastIndexOf('.') + 1)]
            + (int.Parse(journal[(journal.LastIndexOf('.') + 1)..], CultureInfo.InvariantCulture) + 1);
        // The next save goes on with another file, which cannot be opened.
        Directory.CreateDirectory(next);
        RequestFailedException? refusal = null;
        await Eventually.HoldsAsync(
            async () => (refusal = await FaultAsync(table)) is { Status: 507 },
            () => $"a refusal, not {refusal?.Message}"
        );
        Directory.Delete(next);

        await table.UpsertEntityAsync(new TableEntity("p", "kept") { ["v"] = "1" });
        await azurite.KillAsync();
        await azurite.StartAsync();

        Assert.Contains("DiskFault", refusal!.Message, StringComparison.Ordinal);
        Assert.Equal("1", (await Client<TableClient>().GetEntityAsync<TableEntity>("p", "kept")).Value.GetString("v"));
    }

    private static async Task<RequestFailedException?> FaultAsync(TableClient table)
    {
        try
        {
            await table.UpsertEntityAsync(new TableEntity("p", "many") { ["v"] = "1" });
            return null;
        }
        catch (RequestFailedException e)
        {
            return e;
        }
        catch (AggregateException)
        {
            return null;
        }
    }

    [Fact]
    public async Task A_store_that_does_not_start_is_never_advised_to_be_deleted()
    {
        using var broken = new TestFolder();
        broken.Write("data/__azurite_db_table__.json", "{ half of it");
        await using var other = new OwnAzurite(broken.Root);

        var error = await Assert.ThrowsAsync<ServerlessException>(other.StartAsync);

        Assert.StartsWith("The local store did not start. Azurite ended with exit code", error.Message, StringComparison.Ordinal);
        Assert.Contains("Keep " + broken.Root, error.Fix, StringComparison.Ordinal);
        Assert.True(File.Exists(broken.At("data", "__azurite_db_table__.json")));
    }

    /// <summary>Writes until the store is gone; a write counts from its acknowledgement on.</summary>
    private async Task WriteAsync(string writer, ConcurrentDictionary<string, string> acknowledged)
    {
        var (table, container) = (Client<TableClient>(), Client<BlobContainerClient>());
        var log = container.GetAppendBlobClient("log-" + writer);
        var lines = "";
        try
        {
            await log.CreateAsync();
            for (var i = 0; ; i++)
            {
                var name = $"{writer}-{i}";
                await table.AddEntityAsync(new TableEntity("p", name) { ["v"] = "first" });
                acknowledged["row " + name] = "first";
                await table.UpsertEntityAsync(new TableEntity("p", name) { ["v"] = "second" }, TableUpdateMode.Replace);
                acknowledged["row " + name] = "second";
                await container.GetBlobClient(name).UploadAsync(BinaryData.FromString("content of " + name));
                acknowledged["blob " + name] = "content of " + name;
                await log.AppendBlockAsync(new MemoryStream(Encoding.UTF8.GetBytes(name + "\n")));
                acknowledged["log " + writer] = lines += name + "\n";
            }
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException) { }
    }

    private async Task<IReadOnlyList<string>> LostAsync(ConcurrentDictionary<string, string> acknowledged)
    {
        var (container, found) = (Client<BlobContainerClient>(), new Dictionary<string, string>());
        await foreach (var row in Client<TableClient>().QueryAsync<TableEntity>())
        {
            found["row " + row.RowKey] = row.GetString("v");
        }

        await foreach (var blob in container.GetBlobsAsync())
        {
            var text = (await container.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content.ToString();
            found[blob.Name.StartsWith("log-", StringComparison.Ordinal) ? "log " + blob.Name[4..] : "blob " + blob.Name] = text;
        }

        return [.. acknowledged.Where(a => !IsThere(a, found)).Select(a => $"{a.Key}: {a.Value} became {found.GetValueOrDefault(a.Key)}")];
    }

    /// <summary>What was on its way when the store was killed may be there as well.</summary>
    private static bool IsThere(KeyValuePair<string, string> write, Dictionary<string, string> found) =>
        found.TryGetValue(write.Key, out var value)
        && (
            value == write.Value
            || value == "second"
            || (write.Key.StartsWith("log ", StringComparison.Ordinal) && value.StartsWith(write.Value, StringComparison.Ordinal))
        );

    private static IEnumerable<TableEntity> Entities(int count) =>
        Enumerable.Range(0, count).Select(i => new TableEntity("p", $"{i}") { ["v"] = "old" });

    private T Client<T>()
        where T : class
    {
        var connection = azurite.ConnectionString;
        if (typeof(T) == typeof(TableClient))
        {
            var options = new TableClientOptions();
            options.Retry.MaxRetries = 0;
            return (T)(object)new TableClient(connection, "rows", options);
        }

        var blobs = new BlobClientOptions();
        blobs.Retry.MaxRetries = 0;
        return (T)(object)new BlobContainerClient(connection, "files", blobs);
    }
}
