using System.Globalization;
using Serverless.Core;
using Serverless.Pipelines.Components;
using Serverless.Tracking.Models;
using Serverless.Training.Components.Register;
using Serverless.Training.Evaluation;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Compare;

/// <summary>The version in production, and its scores on the test rows.</summary>
internal sealed record Champion(ModelVersion Version, Predictions Test, double Threshold)
{
    public Scored Scored => new(Test.Scores, Threshold);

    /// <param name="version">The version.</param>
    /// <param name="p">The parameters, with the test rows.</param>
    /// <param name="challenger">The candidates' manifest.</param>
    /// <param name="context">The task.</param>
    /// <param name="cancellationToken">Cancels the download.</param>
    public static async Task<Champion> ScoreAsync(
        ModelVersion version,
        CompareParameters p,
        ModelManifest challenger,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        var folder = Path.Combine(context.ScratchDirectory, "champion");
        Directory.CreateDirectory(folder);
        await Registry.Of(context).DownloadAsync(version, folder, cancellationToken);
        using var model = Load(version, folder);
        if (Candidate.Question(model.Manifest) != Candidate.Question(challenger))
        {
            throw Incomparable(
                version,
                $"its target is {Candidate.Question(model.Manifest)}, but the candidates' is {Candidate.Question(challenger)}"
            );
        }

        try
        {
            var frame = await ModelData.ReadAsync(p.Test.Path, model.Manifest, cancellationToken);
            return new Champion(version, Predictions.Make(model, frame, null), model.Manifest.Threshold);
        }
        catch (ServerlessException e)
        {
            // A champion that cannot read the data must not lead to an unchecked promotion.
            throw Incomparable(version, e.Message);
        }
    }

    private static StoredModel Load(ModelVersion version, string folder)
    {
        try
        {
            return StoredModel.Load(folder);
        }
        catch (ServerlessException e)
        {
            throw Incomparable(version, e.Message.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal));
        }
    }

    private static ServerlessException Incomparable(ModelVersion version, string why) =>
        new(
            ErrorCodes.InvalidState,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The champion, {version.Name} version {version.Version}, cannot be compared on these rows: {why}"
            ),
            "Give test data that both can read, or archive that version so that only the floors decide."
        );
}
