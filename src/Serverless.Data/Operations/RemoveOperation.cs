using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Git;
using Serverless.Data.Outputs;
using Serverless.Data.Params;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Operations;

/// <summary>
/// Stops tracking: removes a pointer, or a stage from `dvc.yaml` and `dvc.lock`. Keeps the data unless its removal is requested.
/// </summary>
public sealed class RemoveOperation(Repository repository)
{
    /// <returns>The files to add to git, including removed ones.</returns>
    public IReadOnlyList<string> Run(IReadOnlyList<string> targets, bool withOutputs = false, CancellationToken cancellationToken = default)
    {
        var index = RepositoryIndex.Load(repository, cancellationToken);
        var changed = new List<string>();
        foreach (var target in targets)
        {
            var path = Path.GetFullPath(target);
            var pointer = index.Pointers.Find(p => p.Path == path);
            if (pointer is not null)
            {
                foreach (var entry in pointer.Outputs)
                {
                    Release(pointer.PathOf(entry), withOutputs, changed);
                }

                File.Delete(pointer.Path);
                changed.Add(pointer.Path);
            }
            else if (index.Find(path)?.Pointer is { } owner)
            {
                throw ServerlessException.Invalid($"'{target}' is not a .dvc file", $"Do you mean '{owner.Name}'?");
            }
            else
            {
                RemoveStage(index, target, withOutputs, changed);
            }
        }

        return [.. changed.Distinct()];
    }

    private void RemoveStage(RepositoryIndex index, string target, bool withOutputs, List<string> changed)
    {
        var colon = target.LastIndexOf(':');
        var file = Path.GetFullPath(colon > 0 ? target[..colon] : LockedStages.StagesName);
        var name = colon > 0 ? target[(colon + 1)..] : target;
        var shown = Path.GetRelativePath(Environment.CurrentDirectory, file);
        var text = File.Exists(file) ? TextFile.Read(file, shown) : "";
        if ((YamlReader.Parse(text, shown) as DataMap)?["stages"] is not DataMap stages || !stages.Contains(name))
        {
            throw ServerlessException.NotFound(
                target.EndsWith(PointerFile.Extension, StringComparison.Ordinal)
                    ? $"'{target}' does not exist"
                    : $"Stage '{name}' not found inside '{shown}' file"
            );
        }

        var owner = RepositoryIndex.Prefix(Path.GetDirectoryName(file)!) is { Length: > 0 } prefix
            ? $"{prefix}{LockedStages.StagesName}:{name}"
            : name;
        foreach (
            var output in index.Outputs.Where(o =>
                o.Pointer is null && (o.Owner == owner || o.Owner.StartsWith(owner + "@", StringComparison.Ordinal))
            )
        )
        {
            Release(output.Path, withOutputs, changed);
        }

        Edit(file, shown, name, changed);
        var lockFile = Path.Combine(Path.GetDirectoryName(file)!, LockedStages.LockName);
        if (File.Exists(lockFile))
        {
            Edit(lockFile, LockedStages.LockName, name, changed);
        }
    }

    private static void Edit(string file, string shown, string name, List<string> changed)
    {
        var text = TextFile.Read(file, shown);
        if (YamlReader.Parse(text, shown) is not DataMap document || document["stages"] is not DataMap stages)
        {
            return;
        }

        var kept = stages
            .Entries.Where(e => e.Key.AsText is not { } key || (key != name && !key.StartsWith(name + "@", StringComparison.Ordinal)))
            .ToList();
        if (kept.Count == 0 && document.Entries.All(e => e.Key.AsText is "stages" or "schema"))
        {
            File.Delete(file);
        }
        else
        {
            TemporaryFiles.WriteText(
                file,
                YamlEditor.Apply(text, shown, document.With("stages", kept.Count == 0 ? null : new DataMap(kept)))
            );
        }

        changed.Add(file);
    }

    private void Release(string path, bool withOutputs, List<string> changed)
    {
        if (GitIgnore.Remove(repository, path) is { } ignore)
        {
            changed.Add(ignore);
        }

        if (withOutputs)
        {
            new Checkout(repository).Remove(path, force: true);
        }
        else
        {
            Unprotect.Run(path);
        }
    }
}
