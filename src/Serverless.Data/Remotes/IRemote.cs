namespace Serverless.Data.Remotes;

/// <summary>A file of a remote, by its name inside of the remote.</summary>
public sealed record RemoteObject(string Name, long Length, DateTimeOffset LastModified);

/// <summary>
/// Where objects are kept for all: files by name, there as a whole or not at all. What is above knows the layout; a remote knows only
/// names.
/// </summary>
public interface IRemote : IAsyncDisposable
{
    /// <summary>As messages show it; it holds no secret.</summary>
    string Url { get; }

    /// <summary>How many requests at once are good for it.</summary>
    int DefaultJobs { get; }

    /// <summary>Of one request that lists; asking for that many one by one costs about as much as that many requests.</summary>
    int PageSize { get; }

    IAsyncEnumerable<RemoteObject> ListAsync(string prefix, CancellationToken cancellationToken = default);

    Task<bool> ExistsAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Which of many are there, in one request; null where there is no such request.</summary>
    Task<IReadOnlySet<string>?> ExistAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default);

    /// <param name="md5">Of the content: what arrives otherwise is refused.</param>
    Task PutAsync(string name, Stream content, long length, byte[] md5, CancellationToken cancellationToken = default);

    /// <returns>Null if there is no such file.</returns>
    Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken = default);

    Task DeleteAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Gives a file another name; false if there is none of the old one.</summary>
    Task<bool> MoveAsync(string name, string newName, CancellationToken cancellationToken = default);
}
