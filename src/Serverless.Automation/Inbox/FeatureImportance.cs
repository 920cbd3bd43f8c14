using System.Globalization;
using System.Text.Json;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Storage;
using Serverless.Tracking.Models;
using Serverless.Training.Models;

namespace Serverless.Automation.Inbox;

/// <summary>
/// How much a model's predictions depend on each column: the mean change of the score when the column's values are shuffled among the rows
/// (permutation importance, Breiman 2001, with the score in place of the loss, so that no labels are needed).
/// </summary>
internal sealed class FeatureImportance(Store store, IModelRegistry registry)
{
    private const int Rows = 1000;
    private const int Seed = 1;

    /// <returns>The importance by column, for columns that the model uses, or the reason why the model cannot be used.</returns>
    public async Task<(IReadOnlyDictionary<string, double>? Importance, string? WhyNot)> OfAsync(
        ModelVersion version,
        ReferenceData reference,
        DriftReferences references,
        string work,
        CancellationToken cancellationToken
    )
    {
        var path = $"drift/importance/{version.Digest}-{reference.Content.Digest}.json";
        if (await store.Artifacts.OpenAsync(path, cancellationToken: cancellationToken) is { } stored)
        {
            await using (stored)
            {
                return (
                    await JsonSerializer.DeserializeAsync<Dictionary<string, double>>(stored.Body, StorageJson.Options, cancellationToken),
                    null
                );
            }
        }

        var frame = await references.ReadAsync(reference, work, cancellationToken);
        var folder = Path.Combine(work, $"model-{version.Version}");
        Directory.CreateDirectory(folder);
        Dictionary<string, double> importance;
        try
        {
            await registry.DownloadAsync(version, folder, cancellationToken);
            using var model = StoredModel.Load(folder);
            importance = Of(model, frame);
        }
        catch (Exception e)
            when (e is not (ServerlessException { IsRetryable: true } or OperationCanceledException or OutOfMemoryException))
        {
            // A model may throw anything, which must not block an upload forever.
            return (
                null,
                (e is ServerlessException ? e.Message : $"{e.GetType().Name}: {e.Message}").Replace(
                    folder + Path.DirectorySeparatorChar,
                    "",
                    StringComparison.Ordinal
                )
            );
        }

        using var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(importance, StorageJson.Options));
        await store.Artifacts.UploadAsync(path, body, body.Length, cancellationToken);
        return (importance, null);
    }

    public static Dictionary<string, double> Of(StoredModel model, ColumnFrame frame)
    {
        var random = new StableRandom(Seed);
        var rows = Enumerable.Range(0, frame.RowCount).ToArray();
        random.Shuffle<int>(rows);
        var sample = frame.Take(rows[..Math.Min(Rows, rows.Length)]);
        var before = Finite(model.Score(sample));
        var importance = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var input in model.Manifest.Inputs)
        {
            if (!sample.TryGet(input.Name, out var column))
            {
                continue;
            }

            var dealt = Enumerable.Range(0, sample.RowCount).ToArray();
            random.Shuffle<int>(dealt);
            var after = Finite(model.Score(sample.With(column.Take(dealt))));
            importance[input.Name] = before.Zip(after, (b, a) => Math.Abs(b - a)).Average();
        }

        return importance;
    }

    /// <summary>If NaN were ignored, a model that predicts only NaN would look as if no column mattered.</summary>
    private static double[] Finite(double[] scores) =>
        Array.FindAll(scores, s => !double.IsFinite(s)) is { Length: > 0 } bad
            ? throw ServerlessException.Invalid(
                string.Create(CultureInfo.InvariantCulture, $"it predicted {bad[0]} for {bad.Length} of {scores.Length} rows.")
            )
            : scores;
}
