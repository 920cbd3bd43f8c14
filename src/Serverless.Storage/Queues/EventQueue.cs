using System.Security;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Serverless.Core;

namespace Serverless.Storage.Queues;

/// <summary>
/// Notifies a Functions app of an event through a message in a queue of the account, sent with the identity of this process.
/// </summary>
public sealed class EventQueue
{
    /// <summary>The queue of finished container jobs.</summary>
    public const string Jobs = "mlops-job-events";

    /// <summary>The service version, from the REST reference of Queue Storage.</summary>
    private const string Version = "2024-11-04";

    private readonly HttpPipeline pipeline;
    private readonly Uri address;

    internal EventQueue(Uri address, HttpPipelinePolicy authentication)
    {
        this.address = address;
        pipeline = HttpPipelineBuilder.Build(new Settings(), authentication);
    }

    /// <summary>
    /// Opens the queue of the account that the options name by identity. Returns null for a connection string, because nothing listens on
    /// a single machine.
    /// </summary>
    public static EventQueue? Of(StorageOptions options, string queue) =>
        options.AccountName is { } account
            ? new EventQueue(
                new Uri($"https://{account}.queue.core.windows.net/{queue}/messages"),
                new BearerTokenAuthenticationPolicy(StorageIdentity.Of(options.ClientId), "https://storage.azure.com/.default")
            )
            : null;

    /// <summary>Sends a message in the encoding that the Functions host expects.</summary>
    public async Task SendAsync(string message, CancellationToken cancellationToken = default)
    {
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(message));
        using var call = pipeline.CreateMessage();
        call.Request.Method = RequestMethod.Post;
        call.Request.Uri.Reset(address);
        call.Request.Headers.Add("x-ms-version", Version);
        call.Request.Headers.Add("Content-Type", "application/xml");
        call.Request.Content = RequestContent.Create(
            BinaryData.FromString($"<QueueMessage><MessageText>{SecurityElement.Escape(text)}</MessageText></QueueMessage>")
        );
        try
        {
            await pipeline.SendAsync(call, cancellationToken);
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }

        if (call.Response.IsError)
        {
            throw ServerlessException.Unavailable($"The queue did not accept a message (HTTP status {call.Response.Status}).");
        }
    }

    private sealed class Settings : ClientOptions;
}
