using System.Globalization;
using System.Text;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Engine;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Comparison;
using Serverless.Monitoring.Drift;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Storage;
using Serverless.Storage.Inbox;
using Serverless.Training.Components.Register;

namespace Serverless.Automation.Inbox;

/// <summary>
/// Takes an upload in: reads it once, holds it against its reference, keeps it as a version of its dataset, reports its drift, and asks the
/// policies. Each step is keyed by the upload, so a delivery that comes twice, or goes on after a crash, adds nothing.
/// </summary>
public sealed class InboxHandler
{
    private const int NamedColumns = 5;
    private readonly PolicyEngine engine;
    private readonly Store store;
    private readonly DatasetStore datasets;
    private readonly DriftReferences references;
    private readonly FeatureImportance importance;
    private readonly UploadTries tries;

    public InboxHandler(PolicyEngine engine)
    {
        this.engine = engine;
        store = engine.Options.Store;
        datasets = new DatasetStore(store, engine.Options.Time);
        tries = new UploadTries(store, engine.Options.Time);
        references = new DriftReferences(store, engine.Options.Runs, engine.Options.Registry);
        importance = new FeatureImportance(store, engine.Options.Registry);
    }

    /// <summary>Sees an upload through. A trigger of any host calls this, as often as it likes.</summary>
    /// <returns>What became of it; null if it is there no more.</returns>
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
            var aside = await RefuseAsync(RecordOf(blob, null), why, false, cancellationToken);
            await tries.ClearAsync(blob, cancellationToken);
            return aside;
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
        // Only what tells the format of the file's name is taken over.
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
                if (await SchemaAsync(policy, binding, frame, work, cancellationToken) is { Count: > 0 } changes)
                {
                    return await RefuseAsync(upload, $"The schema changed: {string.Join("; ", changes)}.", true, cancellationToken);
                }

                foreach (var trigger in policy.Policy.Triggers.OfType<DriftTrigger>().Where(t => t.Dataset == blob.Dataset))
                {
                    findings.Add(await CompareAsync(policy, trigger, binding, blob, frame, work, cancellationToken));
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
            // A folder of the inbox may have a name that no dataset can have.
            return await RefuseAsync(upload, e.Message, false, cancellationToken);
        }
    }

    private Task<UploadRecord> RefuseAsync(UploadRecord upload, string reason, bool schemaChanged, CancellationToken cancellationToken) =>
        datasets.RecordAsync(upload with { Reason = reason, SchemaChanged = schemaChanged }, cancellationToken);

    private async Task<IReadOnlyList<string>> SchemaAsync(
        LoadedPolicy policy,
        DataBinding binding,
        ColumnFrame frame,
        string work,
        CancellationToken cancellationToken
    )
    {
        // The reference of drift says what the columns are; without one, what the pipeline has at the path.
        var drift = policy.Policy.Triggers.OfType<DriftTrigger>().FirstOrDefault(t => t.Dataset == binding.Dataset);
        var reference = await references.FindAsync(
            policy.Policy,
            policy.Pipeline,
            drift?.Reference ?? new DriftReference(binding.Path),
            binding,
            cancellationToken
        );
        var profile = await references.ProfileAsync(reference, drift?.By, work, cancellationToken);
        return SchemaDiff.Of(profile.ColumnTypes, frame, binding.AllowNewColumns);
    }

    private async Task<DriftFinding> CompareAsync(
        LoadedPolicy policy,
        DriftTrigger trigger,
        DataBinding binding,
        InboxBlob blob,
        ColumnFrame frame,
        string work,
        CancellationToken cancellationToken
    )
    {
        var reference = await references.FindAsync(policy.Policy, policy.Pipeline, trigger.Reference, binding, cancellationToken);
        var profile = await references.ProfileAsync(reference, trigger.By, work, cancellationToken);
        var (weights, unweighed) = trigger.WeighByImportance
            ? await WeightsAsync(policy, trigger, reference, profile, work, cancellationToken)
            : (trigger.Weights, null);
        var report = DriftDetector.Compare(
            profile,
            frame,
            new DriftOptions
            {
                Preset = trigger.Preset,
                DriftShare = trigger.Share,
                Weights = weights,
                Columns = trigger.Columns,
                Exclude = trigger.Exclude,
                By = trigger.By,
                ReferenceName = reference.Name,
                CurrentName = blob.File,
            }
        );
        var path = $"drift/{policy.Policy.Model}/{blob.Key[..12]}-{trigger.Name}";
        await StoreAsync(path + ".json", report.ToJson(), cancellationToken);
        await StoreAsync(path + ".html", report.ToHtml(), cancellationToken);
        return new DriftFinding
        {
            Model = policy.Policy.Model,
            Trigger = trigger.Name,
            HasDrifted = report.DatasetDrift,
            Share = report.WeightedShareOfDriftedColumns ?? report.ShareOfDriftedColumns,
            Threshold = trigger.Share,
            IsWeighted = report.WeightedShareOfDriftedColumns is not null,
            Unweighed = unweighed,
            Columns = report.NumberOfColumns,
            DriftedColumns = report.NumberOfDriftedColumns,
            Names =
            [
                .. report
                    .DriftByColumns.Values.Where(c => c.DriftDetected)
                    .OrderBy(c => c.DriftScore ?? 0)
                    .Take(NamedColumns)
                    .Select(c => c.ColumnName),
            ],
            Preset = trigger.Preset,
            Reference = reference.Name,
            Report = path,
        };
    }

    /// <summary>
    /// No weights without a champion, nor with one that cannot be asked: then all columns weigh the same, which is told. New data must not
    /// be turned away for that: it may be what makes a better champion.
    /// </summary>
    private async Task<(IReadOnlyDictionary<string, double>? Weights, string? WhyNot)> WeightsAsync(
        LoadedPolicy policy,
        DriftTrigger trigger,
        ReferenceData reference,
        ReferenceProfile profile,
        string work,
        CancellationToken cancellationToken
    )
    {
        var champion = await engine.Options.Registry.GetLatestAsync(
            policy.Policy.Model,
            Tracking.Models.Stage.Production,
            cancellationToken
        );
        if (champion is null)
        {
            return (null, null);
        }

        var (all, failure) = await importance.OfAsync(champion, reference, references, work, cancellationToken);
        if (all is null)
        {
            return (null, string.Create(CultureInfo.InvariantCulture, $"version {champion.Version} cannot be asked: {failure}"));
        }

        var compared = all.Where(w => profile.ColumnTypes.ContainsKey(w.Key) && (trigger.Columns?.Contains(w.Key) ?? true))
            .ToDictionary(w => w.Key, w => w.Value);
        return compared.Values.Sum() > 0
            ? (compared, null)
            : (
                null,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"version {champion.Version} answers the same whatever is in the columns that are compared"
                )
            );
    }

    private async Task StoreAsync(string path, string text, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await store.Artifacts.UploadAsync(path, body, body.Length, cancellationToken);
    }
}
