using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Git;
using Serverless.Data.Params;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Operations;

/// <summary>Renames tracked data, and its pointer if it has the same name.</summary>
public sealed class MoveOperation(Repository repository)
{
    /// <returns>The files to add to git, including removed ones.</returns>
    public IReadOnlyList<string> Run(string from, string to, CancellationToken cancellationToken = default)
    {
        var index = RepositoryIndex.Load(repository, cancellationToken);
        var source = Path.TrimEndingDirectorySeparator(Path.GetFullPath(from));
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(to));
        if (Directory.Exists(target))
        {
            target = Path.Combine(target, Path.GetFileName(source));
        }

        var output = index.Find(source) ?? throw ServerlessException.NotFound($"Unable to find DVC file with output '{from}'");
        var pointer =
            output.Pointer
            ?? throw ServerlessException.Invalid(
                "move is not permitted for stages that are not data sources. You need to either move '"
                    + output.Owner
                    + "' to a new location or edit it by hand."
            );
        if (!repository.Contains(target))
        {
            throw ServerlessException.Invalid($"'{to}' is outside the repository.");
        }

        if (Path.Exists(target) || index.Around(target) is not null)
        {
            throw ServerlessException.Conflict($"'{to}' already exists.", "Choose another name, or remove it first.");
        }

        var sameName = Path.GetFileName(pointer.Path) == Path.GetFileName(source) + PointerFile.Extension;
        var newPointer = sameName ? target + PointerFile.Extension : pointer.Path;
        if (newPointer != pointer.Path && File.Exists(newPointer))
        {
            throw ServerlessException.Conflict($"'{Path.GetRelativePath(Environment.CurrentDirectory, newPointer)}' already exists");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (Path.Exists(source))
        {
            Directory.Move(source, target);
        }

        var changed = new List<string>(GitIgnore.Add(repository, [target]));
        WriteMoved(pointer, output, source, target, newPointer);
        if (newPointer != pointer.Path)
        {
            File.Delete(pointer.Path);
            changed.Add(pointer.Path);
        }

        changed.Add(newPointer);
        if (GitIgnore.Remove(repository, source) is { } ignore)
        {
            changed.Add(ignore);
        }

        CheckedOut.Remember(repository, [target]);
        return [.. changed.Distinct()];
    }

    private void WriteMoved(PointerFile pointer, TrackedOutput output, string source, string target, string newPointer)
    {
        var folder = newPointer == pointer.Path ? pointer.Folder : Path.GetDirectoryName(newPointer)!;
        var outs = pointer.Outputs.Select(o =>
            pointer.PathOf(o) == source
                ? o.Source.With("path", DataScalar.Text(Path.GetRelativePath(folder, target).Replace('\\', '/')))
                : o.Source
        );
        var document = pointer.Document.With("outs", new DataList([.. outs]));
        if (newPointer != pointer.Path)
        {
            document = document.With("wdir", null);
        }

        if (pointer.Dependencies.Count > 0)
        {
            document = document.With("deps", new DataList([.. pointer.Dependencies.Select(d => Moved(pointer, d, folder))]));
        }

        // The text of the old pointer is kept, with its comments.
        var text = YamlEditor.Apply(
            TextFile.Read(pointer.Path, pointer.Name),
            pointer.Name,
            document["md5"] is null ? document : PointerDigest.Renew(document)
        );
        TemporaryFiles.WriteText(newPointer, text);
    }

    private static DataMap Moved(PointerFile pointer, OutputEntry dependency, string folder) =>
        dependency.Source["repo"] is not null
        || dependency.Path.Contains("://", StringComparison.Ordinal)
        || Path.IsPathRooted(dependency.Path)
            ? dependency.Source
            : dependency.Source.With("path", DataScalar.Text(Path.GetRelativePath(folder, pointer.PathOf(dependency)).Replace('\\', '/')));
}
