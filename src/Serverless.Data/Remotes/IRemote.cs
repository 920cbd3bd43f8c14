namespace Serverless.Data.Remotes;

/// <summary>A file of a remote, with its name relative to the remote.</summary>
public sealed record RemoteObject(string Name, long Length, DateTimeOffset LastModified);

/// <summary>
/// Stores objects for everyone: files by name that appear as a whole or not at all. A remote knows only names; its callers know the
/// layout.
/// </summary>
public interface IRemote : IAsyncDisposable
{
    /// <summary>Gets the display name for messages. Contains no secrets.</summary>
    string Url { get; }

    /// <summary>Gets the recommended number of parallel requests.</summary>
    int DefaultJobs { get; }

    /// <summary>
    /// Gets the number of names in one listing request. Checking that many names individually costs about that many requests.
    /// </summary>
    int PageSize { get; }

    IAsyncEnumerable<RemoteObject> ListAsync(string prefix, CancellationToken cancellationToken = default);

    Task<bool> ExistsAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Returns which of many objects exist, with one request; null if the remote has no such request.</summary>
    Task<IReadOnlySet<string>?> ExistAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default);

    /// <param name="md5">The digest of the content. Content that does not match is rejected.</param>
    Task PutAsync(string name, Stream content, long length, byte[] md5, CancellationToken cancellationToken = default);

    /// <returns>Null if the file does not exist.</returns>
    Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken = default);

    Task DeleteAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Renames a file. Returns false if the old name does not exist.</summary>
    Task<bool> MoveAsync(string name, string newName, CancellationToken cancellationToken = default);
}
