using System.Text.RegularExpressions;
using Serverless.Data.Values;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Compare.Plots;

/// <summary>The plots of one revision: outputs of stages, definitions in dvc.yaml files, and files that the user names.</summary>
internal sealed class PlotDefinitions(Project project, Revision revision, IReadOnlyList<string> targets, DataMap props)
{
    // By the defining file (empty for a stage's output), then by id. Paths are relative to the current folder.
    private readonly OrderedDictionary<string, OrderedDictionary<string, DataMap>> byFile = new(StringComparer.Ordinal);

    /// <summary>
    /// Returns the plots by id, with the defined id and the properties. If two files define a name, the file is prefixed.
    /// </summary>
    public IEnumerable<(string Id, string DefinedAs, DataMap Definition)> Read()
    {
        var index = revision.Index!;
        foreach (var file in index.Pipelines)
        {
            ReadFile(file);
        }

        foreach (var output in index.Stages.SelectMany(s => s.Outs).Where(o => o.Plot is not null && IsWanted(Show(o.Stage.File), o.Shown)))
        {
            foreach (var path in revision.Data!.Expand(output.FullPath))
            {
                Add("", Show(path), Merge(output.Plot!, props));
            }
        }

        foreach (var full in targets.Select(t => Path.GetFullPath(Path.Combine(project.Paths.Here, t))))
        {
            if (
                (byFile.Count == 0 && index.Pipelines.TrueForAll(p => p.Plots.Count == 0))
                || index.Files.FileExists(full)
                || index.Files.FolderExists(full)
            )
            {
                foreach (var path in revision.Data!.Expand(full).Select(Show))
                {
                    // A file that is both a stage's output and a definition in dvc.yaml gives two plots, as in DVC.
                    Add("", path, Merge(byFile.GetValueOrDefault("")?.GetValueOrDefault(path) ?? DataMap.Empty, props));
                }
            }
        }

        var all = byFile.SelectMany(f => f.Value.Select(p => (File: f.Key, Id: p.Key, Definition: p.Value))).ToList();
        return all.Select(p => (all.Count(o => o.Id == p.Id) > 1 && p.File.Length > 0 ? $"{p.File}::{p.Id}" : p.Id, p.Id, p.Definition));
    }

    internal static DataMap Merge(DataMap into, DataMap from) =>
        from.Entries.Aggregate(into, (map, e) => map.With(PythonText.Str(e.Key), e.Value));

    private void ReadFile(PipelineFile file)
    {
        var shown = Show(file.File);
        var parents = file.Plots.Select(p => Path.GetFullPath(Path.Combine(file.Folder, p.Id))).ToList();
        foreach (var (id, definition) in file.Plots.Where(p => IsWanted(shown, p.Id)))
        {
            if (definition?["y"] is DataMap)
            {
                Add(shown, id, Merge(Moved(definition, file.Folder), props));
                continue;
            }

            // Between a folder and a file in it, the nearer one determines how it is plotted.
            var full = Path.GetFullPath(Path.Combine(file.Folder, id));
            foreach (
                var path in revision.Data!.Expand(full).Where(p => parents.Where(f => StagePaths.IsIn(p, f)).MaxBy(f => f.Length) == full)
            )
            {
                Add(shown, Show(path), Merge(definition ?? DataMap.Empty, props));
            }
        }
    }

    // The files are relative to the folder of the definition.
    private DataMap Moved(DataMap definition, string folder) =>
        new([
            .. definition.Entries.Select(e =>
                e.Key.AsText is "x" or "y" && e.Value is DataMap files
                    ? e with
                    {
                        Value = new DataMap([
                            .. files.Entries.Select(f =>
                                FileValues.Entry(Show(Path.GetFullPath(Path.Combine(folder, PythonText.Str(f.Key)))), f.Value)
                            ),
                        ]),
                    }
                    : e
            ),
        ]);

    private void Add(string file, string id, DataMap definition)
    {
        if (!byFile.TryGetValue(file, out var plots))
        {
            byFile[file] = plots = new OrderedDictionary<string, DataMap>(StringComparer.Ordinal);
        }

        plots[id] = definition;
    }

    private string Show(string full) => StagePaths.Relative(project.Paths.Here, full);

    // DVC treats a target as a regular expression that matches the beginning of the id.
    private bool IsWanted(string file, string id) => targets.Count == 0 || targets.Any(t => Begins(t, id) || Begins(t, $"{file}::{id}"));

    private static bool Begins(string target, string id)
    {
        try
        {
            return Regex.IsMatch(id, @"\A(?:" + target + ")", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException)
        {
            return id.StartsWith(target, StringComparison.Ordinal);
        }
    }
}
