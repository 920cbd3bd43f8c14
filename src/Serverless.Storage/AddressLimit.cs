using Azure.Core;
using Azure.Core.Pipeline;
using Serverless.Core;

namespace Serverless.Storage;

/// <summary>
/// Refuses a request whose address no store takes, before it is sent: a server that breaks the connection over a name of 70,000 characters
/// looks like one that is away, and would be asked again for minutes.
/// </summary>
internal sealed class AddressLimit : HttpPipelineSynchronousPolicy
{
    /// <summary>More than two keys or a blob's name take at their longest in any script that people use; half of what servers
    /// accept.</summary>
    public const int Most = 8000;

    public override void OnSendingRequest(HttpMessage message)
    {
        if (message.Request.Uri.ToUri().AbsoluteUri.Length > Most)
        {
            throw ServerlessException.Invalid(
                "A name or an id in the request is longer than the store can hold.",
                "Names have at most 256 characters, paths of files 1,024."
            );
        }
    }
}
