using System.Runtime.CompilerServices;
using Serverless.Storage.Blobs;

namespace Serverless.Data.Remotes;

/// <summary>A remote in a container of a storage account: DVC's `azure://container/prefix`.</summary>
public sealed class BlobRemote(BlobFolder folder) : IRemote
{
    public string Url => $"azure://{folder.Container}/{folder.Prefix.TrimEnd('/')}";

    public int DefaultJobs => 4 * Math.Max(4, Environment.ProcessorCount);

    public int PageSize => 5000;

    public string Container => folder.Container;

    public string Prefix => folder.Prefix;

    public async IAsyncEnumerable<RemoteObject> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        await foreach (var blob in folder.ListAsync(prefix, cancellationToken))
        {
            yield return new RemoteObject(blob.Name, blob.Length, blob.LastModified);
        }
    }

    public async Task<bool> ExistsAsync(string name, CancellationToken cancellationToken = default) =>
        await folder.FindAsync(name, cancellationToken) is not null;

    public Task<IReadOnlySet<string>?> ExistAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlySet<string>?>(null);

    public Task PutAsync(string name, Stream content, long length, byte[] md5, CancellationToken cancellationToken = default) =>
        folder.PutAsync(name, content, length, md5, cancellationToken);

    public async Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken = default) =>
        (await folder.OpenAsync(name, cancellationToken: cancellationToken))?.Body;

    public Task DeleteAsync(string name, CancellationToken cancellationToken = default) => folder.DeleteAsync(name, cancellationToken);

    public Task<bool> MoveAsync(string name, string newName, CancellationToken cancellationToken = default) =>
        folder.MoveAsync(name, newName, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
