using Serverless.Core;
using Serverless.Tracking.Models;

namespace Serverless.Training.Tests.Support;

/// <summary>The registry's promises, in memory; folders are kept on disk.</summary>
public sealed class FakeRegistry(string folder) : IModelRegistry, IServiceProvider
{
    private readonly List<ModelVersion> versions = [];
    private readonly Dictionary<string, int> requests = [];

    public IReadOnlyList<ModelVersion> Versions => versions;

    public List<TransitionRequest> Transitions { get; } = [];

    public object? GetService(Type serviceType) => serviceType == typeof(IModelRegistry) ? this : null;

    public Task<ModelVersion?> FindVersionAsync(string name, int version, CancellationToken cancellationToken) =>
        Task.FromResult(versions.Find(v => v.Name == name && v.Version == version));

    public Task<ModelVersion?> FindByDigestAsync(string name, string digest, CancellationToken cancellationToken) =>
        Task.FromResult(versions.Find(v => v.Name == name && v.Digest == digest));

    public Task<ModelVersion?> GetLatestAsync(string name, Stage stage, CancellationToken cancellationToken) =>
        Task.FromResult(versions.LastOrDefault(v => v.Name == name && v.Stage == stage));

    public async Task<ModelVersion> RegisterAsync(RegisterRequest request, CancellationToken cancellationToken)
    {
        if (requests.TryGetValue(request.Name + "/" + request.RequestId, out var known))
        {
            return (await FindVersionAsync(request.Name, known, cancellationToken))!;
        }

        var version = versions.Count(v => v.Name == request.Name) + 1;
        var target = Path.Combine(folder, request.Name, version.ToString(System.Globalization.CultureInfo.InvariantCulture));
        CopyTree(request.ModelDirectory, target);
        versions.Add(
            new ModelVersion
            {
                Name = request.Name,
                Version = version,
                Digest = Bench.Digest(target),
                Source = target,
                RunId = request.RunId,
                Description = request.Description,
                Tags = request.Tags,
            }
        );
        requests.Add(request.Name + "/" + request.RequestId, version);
        return versions[^1];
    }

    public Task<ModelVersion> TransitionStageAsync(TransitionRequest request, CancellationToken cancellationToken)
    {
        Transitions.Add(request);
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions[i].Name == request.Name && versions[i].Version == request.Version)
            {
                versions[i] = versions[i] with { Stage = request.Stage };
            }
            else if (versions[i].Name == request.Name && request.ArchiveExisting && versions[i].Stage == request.Stage)
            {
                versions[i] = versions[i] with { Stage = Stage.Archived };
            }
        }

        return Task.FromResult(
            versions.Find(v => v.Name == request.Name && v.Version == request.Version)
                ?? throw ServerlessException.NotFound("no such version")
        );
    }

    public Task DownloadAsync(ModelVersion version, string directory, CancellationToken cancellationToken)
    {
        CopyTree(version.Source, directory);
        return Task.CompletedTask;
    }

    public void Remove(int version) => versions.RemoveAll(v => v.Version == version);

    private static void CopyTree(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        }
    }
}
