using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Pipelines.Components;
using Serverless.Tracking.Models;
using Serverless.Training.Components.Compare;
using Serverless.Training.Models;

namespace Serverless.Training.Components.Register;

internal sealed class RegisterParameters
{
    [Description("Model folder.")]
    public required InputPath Model { get; set; }

    [Required]
    [Description("Name of the registered model.")]
    public required string Name { get; set; }

    [Description("File written by `compare`: metrics, slices and verdict for the Model Card.")]
    public InputPath? Verdict { get; set; }

    [Description("JSON file to write for `promote`: name, version and digest.")]
    public OutputPath? Registration { get; set; }

    [Description("File to write the Model Card to, besides the one in the registry.")]
    public OutputPath? Card { get; set; }

    [Description("One-sentence description of the model, for the registry and the card.")]
    public string? Description { get; set; }

    [Description("Intended use of the model and its limits, for the card.")]
    public string? IntendedUse { get; set; }

    [Description("Known limits of the model, for the card. Limits that follow from the numbers are added.")]
    public IReadOnlyList<string> Limits { get; set; } = [];

    [Description("Tags of the version.")]
    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();
}

[Component("register", Description = "Adds the Model Card to the model folder and registers it as a version of a model.")]
internal sealed class RegisterComponent : Component<RegisterParameters>
{
    public override async Task<ComponentOutputs> RunAsync(
        RegisterParameters p,
        ComponentContext context,
        CancellationToken cancellationToken
    )
    {
        var manifest = ReadManifest(p.Model.Path);
        var report = p.Verdict is null ? null : ComparisonReport.Read(p.Verdict.Path);
        var card = ModelCard.Write(p.Name, manifest, p.Model.Digest, report, p.Description, p.IntendedUse, p.Limits);
        var folder = Path.Combine(context.ScratchDirectory, "model");
        ModelFolder.Copy(p.Model.Path, folder);
        ModelFolder.WriteText(folder, ModelManifest.CardFile, card);

        var tags = new Dictionary<string, string>(p.Tags)
        {
            [Registry.TrainedDigestTag] = p.Model.Digest,
            [Registry.TrainerTag] = manifest.Trainer,
        };
        if (report is not null)
        {
            tags[Registry.CandidateTag] = report.Verdict.Challenger.Name;
        }

        if (manifest.TrainingData is { } data)
        {
            tags[Registry.TrainingDataTag] = data.Digest;
        }

        var version = await Registry
            .Of(context)
            .RegisterAsync(
                new RegisterRequest
                {
                    Name = p.Name,
                    ModelDirectory = folder,
                    RunId = context.RunId,
                    // By content: an identical model is the existing version, whichever run produced it.
                    RequestId = await ContentIdAsync(folder, cancellationToken),
                    Description = p.Description,
                    Tags = tags,
                },
                cancellationToken
            );

        if (p.Registration is not null)
        {
            new Registration(
                version.Name,
                version.Version,
                version.Digest,
                ReasonOf(report),
                report?.Verdict.Champion?.Version,
                report is not null
            ).Write(p.Registration.Path);
        }

        if (p.Card is not null)
        {
            await File.WriteAllTextAsync(p.Card.Path, card, cancellationToken);
        }

        context.Log.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"Registered {version.Name} version {version.Version} ({version.Digest}).")
        );
        return new ComponentOutputs
        {
            Values = new JsonObject
            {
                ["name"] = version.Name,
                ["version"] = version.Version,
                ["digest"] = version.Digest,
            },
        };
    }

    public override async Task<bool> StillHoldsAsync(
        RegisterParameters p,
        ComponentOutputs recorded,
        ComponentContext context,
        CancellationToken cancellationToken
    ) =>
        ModelJson.Int(recorded.Values["version"]) is { } version
        && await Registry.Of(context).FindVersionAsync(p.Name, version, cancellationToken) is { } found
        && found.Digest == (string?)recorded.Values["digest"];

    private static string? ReasonOf(ComparisonReport? report) => report is null ? null : string.Join("; ", report.Verdict.Reasons);

    private static ModelManifest ReadManifest(string folder)
    {
        var path = Path.Combine(folder, ModelManifest.FileName);
        return File.Exists(path)
            ? ModelManifestFile.Read(path)
            : throw ServerlessException.Invalid(
                $"'{folder}' is not a model folder: it has no file '{ModelManifest.FileName}'.",
                "Give the folder that a train component or `compare` wrote as `model`."
            );
    }

    private static async Task<string> ContentIdAsync(string folder, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (
            var file in Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'))
                .Order(StringComparer.Ordinal)
        )
        {
            using var stream = File.OpenRead(Path.Combine(folder, file));
            hash.AppendData(Encoding.UTF8.GetBytes(file + "\n"));
            hash.AppendData(await SHA256.HashDataAsync(stream, cancellationToken));
        }

        return "content-" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
