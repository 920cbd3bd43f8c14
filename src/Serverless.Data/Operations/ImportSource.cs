using System.Net;
using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Outputs;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;
using Serverless.Data.Values;

namespace Serverless.Data.Operations;

/// <summary>A source of imported data.</summary>
/// <param name="location">The location as the pointer's dependency records it.</param>
public abstract class ImportSource(string location)
{
    public string Location => location;

    /// <summary>Gets the name of the data at the source.</summary>
    public virtual string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Location));

    public virtual bool IsInRepository(Repository repository) => false;

    /// <summary>
    /// Gets what identifies the state of the data, in the keys of a dependency: `md5`, `etag` or `checksum`, with `size`.
    /// </summary>
    public abstract Task<DataMap> FingerprintAsync(Repository repository, CancellationToken cancellationToken);

    /// <summary>Writes the data and replaces an existing file or folder.</summary>
    public abstract Task FetchAsync(string target, CancellationToken cancellationToken);

    protected static void Clear(string target)
    {
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }
    }
}

internal sealed class FileImportSource(string path) : ImportSource(path)
{
    public override bool IsInRepository(Repository repository) => repository.Contains(Location);

    public override Task<DataMap> FingerprintAsync(Repository repository, CancellationToken cancellationToken)
    {
        var content =
            new ContentReader(repository).Read(Location, HashKind.Md5, cancellationToken)
            ?? throw ServerlessException.NotFound($"The path '{Location}' does not exist");
        return Task.FromResult(
            new DataMap([.. OutputEntry.New("", content.Reference).Source.Entries.Where(e => e.Key.AsText is not ("path" or "hash"))])
        );
    }

    public override Task FetchAsync(string target, CancellationToken cancellationToken)
    {
        Clear(target);
        FileTree.Copy(Location, target, cancellationToken);
        return Task.CompletedTask;
    }
}

internal sealed class HttpImportSource(string url) : ImportSource(url)
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None });

    public override string Name => Path.GetFileName(new Uri(Location).LocalPath.TrimEnd('/'));

    public override async Task<DataMap> FingerprintAsync(Repository repository, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, Location);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        var checksum =
            response.Headers.ETag?.ToString() ?? (response.Content.Headers.ContentMD5 is { } md5 ? Convert.ToBase64String(md5) : null);
        return DataValues.Map(
            ("checksum", checksum is null ? null : DataScalar.Text(checksum)),
            ("size", response.Content.Headers.ContentLength is { } length ? DataScalar.Int(length) : null)
        );
    }

    public override async Task FetchAsync(string target, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Location);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var from = await response.Content.ReadAsStreamAsync(cancellationToken);
        Clear(target);
        FileTree.Write(
            target,
            executable: false,
            temporary =>
            {
                using var to = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write);
                from.CopyTo(to, 1 << 17);
                if (response.Content.Headers.ContentLength is { } length && to.Length != length)
                {
                    throw ServerlessException.Unavailable(
                        $"'{Location}' ended early: received {to.Length} of {length} bytes.",
                        "Try again."
                    );
                }
            }
        );
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        HttpCompletionOption completion,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var response = await Client.SendAsync(request, completion, cancellationToken);
            return response.IsSuccessStatusCode ? response : throw Refused(response);
        }
        catch (HttpRequestException e)
        {
            throw ServerlessException.Unavailable($"Cannot reach '{Location}': {e.Message}", "Check the address and the network.", e);
        }
    }

    private ServerlessException Refused(HttpResponseMessage response)
    {
        using (response)
        {
            return response.StatusCode == HttpStatusCode.NotFound
                ? ServerlessException.NotFound($"The path '{Location}' does not exist")
                : ServerlessException.Unavailable($"'{Location}' responded with {(int)response.StatusCode} {response.ReasonPhrase}.");
        }
    }
}
