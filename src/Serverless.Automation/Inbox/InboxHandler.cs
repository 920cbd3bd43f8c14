using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Engine;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Storage;
using Serverless.Storage.Inbox;

namespace Serverless.Automation.Inbox;

/// <summary>
/// Processes an upload: reads it once, compares it with its reference, stores it as a version of its dataset, reports its drift, and
/// evaluates the policies. Each step is keyed by the upload, so a repeated delivery, or one continued after a crash, adds nothing.
/// </summary>
public sealed class InboxHandler
{
    private readonly PolicyEngine engine;
    private readonly Store store;
    private readonly DatasetStore datasets;
    private readonly UploadComparer comparer;
    private readonly UploadTries tries;

    public InboxHandler(PolicyEngine engine)
    {
        this.engine = engine;
        store = engine.Options.Store;
        datasets = new DatasetStore(store, engine.Options.Time);
        comparer = new UploadComparer(engine.Options);
        tries = new UploadTries(store, engine.Options.Time);
    }

    /// <summary>Processes an upload to the end. Any host's trigger may call it, any number of times.</summary>
    /// <returns>The result. Null if the upload no longer exists.</returns>
    public async Task<UploadRecord?> HandleAsync(InboxBlob blob, CancellationToken cancellationToken = default)
    {
        var upload = await datasets.FindUploadAsync(blob.Dataset, blob.Key, cancellationToken);
        if (upload is { IsAnswered: true })
        {
            return upload;
        }

        var policies = await engine.PoliciesOfAsync(blob.Dataset, cancellationToken);
        upload ??= await TryReadAsync(blob, policies, cancellationToken);
        if (upload is null)
        {
            return null;
        }

        engine.Options.Reached("recorded");
        foreach (var policy in policies)
        {
            await engine.OnUploadAsync(policy, upload, cancellationToken);
        }

        engine.Options.Reached("answered");
        await datasets.AnsweredAsync(upload, cancellationToken);
        return upload with { IsAnswered = true };
    }

    /// <summary>Reads the upload, or sets it aside: whatever happens over a file, it does not keep the others waiting for ever.</summary>
    private async Task<UploadRecord?> TryReadAsync(
        InboxBlob blob,
        IReadOnlyList<LoadedPolicy> policies,
        CancellationToken cancellationToken
    )
    {
        if (await tries.WhyNotAsync(blob, cancellationToken) is { } why)
        {
            return await RefuseAsync(RecordOf(blob, null), why, false, cancellationToken);
        }

        var begun = await tries.BeginAsync(blob, cancellationToken);
        var work = Path.Combine(engine.Options.WorkRoot, "inbox-" + Ids.NewId()[..12]);
        Directory.CreateDirectory(work);
        try
        {
            engine.Options.Reached("reading");
            var upload = await ReadAsync(blob, policies, work, cancellationToken);
            await tries.ForgetAsync(begun);
            return upload;
        }
        catch (Exception e) when (e is OperationCanceledException or ServerlessException { IsRetryable: true })
        {
            // The file is not to blame.
            await tries.ForgetAsync(begun);
            throw;
        }
        catch (Exception e)
        {
            await tries.FailedAsync(begun, e is ServerlessException ? e.Message : $"{e.GetType().Name}: {e.Message}");
            throw;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private UploadRecord RecordOf(InboxBlob blob, Storage.Content.ContentRef? content) =>
        new()
        {
            Key = blob.Key,
            Dataset = blob.Dataset,
            File = blob.File,
            UploadedAt = blob.LastModified,
            ReadAt = engine.Options.Time.GetUtcNow(),
            State = UploadState.Refused,
            Content = content,
        };

    private async Task<UploadRecord?> ReadAsync(
        InboxBlob blob,
        IReadOnlyList<LoadedPolicy> policies,
        string work,
        CancellationToken cancellationToken
    )
    {
        // Keep only the part of the file name that determines the format.
        var path = Path.Combine(work, "upload" + DriftReferences.ExtensionOf(blob.File));
        if (!await store.Inbox.DownloadAsync(blob, path, cancellationToken))
        {
            return null;
        }

        var content = await store.Content.PutAsync(path, cancellationToken);
        var upload = RecordOf(blob, content);
        ColumnFrame frame;
        try
        {
            if (content.Size == 0)
            {
                throw ServerlessException.Invalid("The file is empty.");
            }

            frame = await ColumnReader.ReadAsync(
                path,
                new ColumnReaderOptions { RequireRows = true, IsUntrusted = true },
                cancellationToken
            );
        }
        catch (ServerlessException e) when (!e.IsRetryable)
        {
            return await RefuseAsync(upload, e.Message.Replace(path, blob.File, StringComparison.Ordinal), false, cancellationToken);
        }

        upload = upload with { Rows = frame.RowCount };
        var findings = new List<DriftFinding>();
        try
        {
            foreach (var policy in policies)
            {
                var binding = policy.Policy.BindingOf(blob.Dataset)!;
                if (await comparer.SchemaAsync(policy, binding, frame, work, cancellationToken) is { Count: > 0 } changes)
                {
                    return await RefuseAsync(upload, $"The schema changed: {string.Join("; ", changes)}.", true, cancellationToken);
                }

                foreach (var trigger in policy.Policy.Triggers.OfType<DriftTrigger>().Where(t => t.Dataset == blob.Dataset))
                {
                    findings.Add(await comparer.CompareAsync(policy, trigger, binding, blob, frame, work, cancellationToken));
                }
            }
        }
        catch (ServerlessException e) when (!e.IsRetryable)
        {
            return await RefuseAsync(upload, e.Message, false, cancellationToken);
        }

        try
        {
            return await datasets.RecordAsync(upload with { State = UploadState.Versioned, Drift = findings }, cancellationToken);
        }
        catch (ServerlessException e) when (e.Status == 400)
        {
            // An inbox folder may have a name that is invalid for a dataset.
            return await RefuseAsync(upload, e.Message, false, cancellationToken);
        }
    }

    private Task<UploadRecord> RefuseAsync(UploadRecord upload, string reason, bool schemaChanged, CancellationToken cancellationToken) =>
        datasets.RecordAsync(upload with { Reason = reason, SchemaChanged = schemaChanged }, cancellationToken);
}
