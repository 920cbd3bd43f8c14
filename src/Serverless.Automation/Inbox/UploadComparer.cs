using System.Globalization;
using System.Text;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Engine;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Storage.Inbox;

namespace Serverless.Automation.Inbox;

/// <summary>Compares uploads with the references of policies: columns and drift.</summary>
internal sealed class UploadComparer(PolicyEngineOptions options)
{
    private const int NamedColumns = 5;
    private readonly DriftReferences references = new(options.Store, options.Runs, options.Registry);
    private readonly FeatureImportance importance = new(options.Store, options.Registry);

    /// <summary>Checks an upload against its reference.</summary>
    /// <returns>The differences of the columns. Empty if they match.</returns>
    public async Task<IReadOnlyList<string>> SchemaAsync(
        LoadedPolicy policy,
        DataBinding binding,
        ColumnFrame frame,
        string work,
        CancellationToken cancellationToken
    )
    {
        // The drift reference defines the columns. Without one, the pipeline's file at the path does.
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

    /// <summary>Compares an upload with the reference of a drift trigger, and stores the report.</summary>
    public async Task<DriftFinding> CompareAsync(
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
    /// There are no weights without a champion, or if the champion fails. Then all columns weigh the same, which is reported. New data must
    /// not be rejected for that: it may produce a better champion.
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
        var champion = await options.Registry.GetLatestAsync(policy.Policy.Model, Tracking.Models.Stage.Production, cancellationToken);
        if (champion is null)
        {
            return (null, null);
        }

        var (all, failure) = await importance.OfAsync(champion, reference, references, work, cancellationToken);
        if (all is null)
        {
            return (null, string.Create(CultureInfo.InvariantCulture, $"version {champion.Version} cannot be used: {failure}"));
        }

        var compared = all.Where(w => profile.ColumnTypes.ContainsKey(w.Key) && (trigger.Columns?.Contains(w.Key) ?? true))
            .ToDictionary(w => w.Key, w => w.Value);
        return compared.Values.Sum() > 0
            ? (compared, null)
            : (
                null,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the predictions of version {champion.Version} do not depend on the compared columns"
                )
            );
    }

    private async Task StoreAsync(string path, string text, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await options.Store.Artifacts.UploadAsync(path, body, body.Length, cancellationToken);
    }
}
