using Serverless.Core;
using Serverless.Data.Repositories;
using Serverless.Data.Values;
using Serverless.Storage.Blobs;

namespace Serverless.Data.Operations;

/// <summary>
/// Imports a blob of a container, `azure://container/path`, or `remote://name/path` below a configured remote. Its ETag tells whether it
/// changed.
/// </summary>
internal sealed class AzureImportSource(string url, BlobFolder container, string name) : ImportSource(url)
{
    public override async Task<DataMap> FingerprintAsync(Repository repository, CancellationToken cancellationToken)
    {
        var info = await container.FindAsync(name, cancellationToken) ?? throw Missing();
        return DataValues.Map(("etag", DataScalar.Text(info.ETag)), ("size", DataScalar.Int(info.Length)));
    }

    public override async Task FetchAsync(string target, CancellationToken cancellationToken)
    {
        await using var blob = await container.OpenAsync(name, cancellationToken: cancellationToken) ?? throw Missing();
        Clear(target);
        FileTree.Write(
            target,
            executable: false,
            temporary =>
            {
                using var to = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write);
                blob.Body.CopyTo(to, 1 << 17);
                if (to.Length != blob.Info.Length)
                {
                    throw ServerlessException.Unavailable(
                        $"'{Location}' ended early: received {to.Length} of {blob.Info.Length} bytes.",
                        "Try again."
                    );
                }
            }
        );
    }

    private ServerlessException Missing() =>
        ServerlessException.NotFound(
            $"The path '{Location}' does not exist",
            "Name one blob. Importing whole folders of a container is not supported."
        );
}
