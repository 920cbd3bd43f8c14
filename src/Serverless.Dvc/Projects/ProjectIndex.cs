using Serverless.Dvc.Files;
using Serverless.Dvc.Reading;
using Serverless.Dvc.Reading.Templating;

namespace Serverless.Dvc.Projects;

/// <summary>Lists all stages of a project and the pipeline files that contain them.</summary>
internal sealed class ProjectIndex
{
    private ProjectIndex(StagePaths paths, IProjectFiles files)
    {
        Paths = paths;
        Files = files;
    }

    public StagePaths Paths { get; }

    public IProjectFiles Files { get; }

    /// <summary>Gets the stages in DVC's order: the files of a folder before its subfolders.</summary>
    public List<RepoStage> Stages { get; } = [];

    public List<PipelineFile> Pipelines { get; } = [];

    /// <param name="paths">The project and the current folder.</param>
    /// <param name="files">The work tree, or a revision.</param>
    /// <param name="isIgnored">Returns true for paths ignored by .dvcignore or .gitignore. The second argument tells whether it is a
    /// folder.</param>
    public static ProjectIndex Load(StagePaths paths, IProjectFiles files, Func<string, bool, bool> isIgnored)
    {
        var index = new ProjectIndex(paths, files);
        var style = DvcConfig.CommandStyle(paths.Root);
        index.Walk(
            paths.Root,
            new PipelineFileReader(paths, files, style),
            new PointerReader(paths, files),
            isIgnored,
            new HashSet<string>(StringComparer.Ordinal)
        );
        return index;
    }

    public PipelineFile? Find(string file) => Pipelines.Find(p => p.File == file);

    private void Walk(
        string folder,
        PipelineFileReader pipelines,
        PointerReader pointers,
        Func<string, bool, bool> isIgnored,
        HashSet<string> outs
    )
    {
        var entries = Files.List(folder).ToList();
        foreach (var (name, _) in entries.Where(e => !e.IsFolder))
        {
            var isPipeline = name == DvcYaml.FileName;
            var full = Path.Combine(folder, name);
            if ((!isPipeline && !name.EndsWith(".dvc", StringComparison.Ordinal)) || isIgnored(full, false))
            {
                continue;
            }

            var added = new List<RepoStage>();
            if (isPipeline)
            {
                var file = pipelines.Read(full);
                Pipelines.Add(file);
                added.AddRange(file.Stages);
            }
            else
            {
                added.Add(pointers.Read(full));
            }

            Stages.AddRange(added);
            outs.UnionWith(added.SelectMany(s => s.Outs).Select(o => o.FullPath));
        }

        // Outputs of a stage contain no stages, nor do untracked folders.
        foreach (var (name, _) in entries.Where(e => e.IsFolder))
        {
            var full = Path.Combine(folder, name);
            if (name is not (".dvc" or ".git" or ".hg") && !outs.Contains(full) && !isIgnored(full, true))
            {
                Walk(full, pipelines, pointers, isIgnored, outs);
            }
        }
    }
}
