using Serverless.Data.Files;
using Serverless.Data.Repositories;
using Serverless.Dvc.Files;

namespace Serverless.Dvc.Projects;

/// <summary>The current project: its files, stages and pipelines, in the work tree and at Git's commits. Disposable.</summary>
public sealed class Project : IDisposable
{
    private readonly Lazy<(ProjectIndex, ProjectData)> workTree;

    private Project(Repository? repository, string root, string here)
    {
        Repository = repository;
        Paths = new StagePaths(root, here);
        var gitRoot = repository is null ? Repository.FindGitRoot(root) : repository.GitRoot;
        Git = gitRoot is null ? null : new GitRepository(gitRoot);
        workTree = new(() => Load(WorkTreeFiles.Instance, IsIgnored));
    }

    internal Repository? Repository { get; }

    internal StagePaths Paths { get; }

    internal GitRepository? Git { get; }

    internal (ProjectIndex Index, ProjectData Data) WorkTree => workTree.Value;

    /// <summary>Finds the project of a folder.</summary>
    /// <param name="here">The current folder, which relative paths refer to.</param>
    /// <param name="isRequired">False to accept a folder without `.dvc`. The project is then its Git repository, or the folder
    /// itself.</param>
    public static Project Open(string here, bool isRequired = true)
    {
        if (!isRequired && Repository.FindRoot(here) is null)
        {
            var folder = Repository.RealPath(here);
            return new Project(null, Repository.FindGitRoot(folder) ?? folder, folder);
        }

        var repository = Repository.Open(here);
        return new Project(repository, repository.Root, Repository.RealPath(here));
    }

    public void Dispose()
    {
        Git?.Dispose();
        Repository?.Dispose();
    }

    /// <summary>True if the commit has the project's folder at all.</summary>
    internal bool IsIn(string commit) => new GitFiles(Git!, commit).FolderExists(Paths.Root);

    internal (ProjectIndex Index, ProjectData Data) At(string commit) =>
        Load(new GitFiles(Git!, commit), (path, isFolder) => Repository?.Ignore.IsIgnored(path, isFolder) == true);

    private (ProjectIndex, ProjectData) Load(IProjectFiles files, Func<string, bool, bool> isIgnored)
    {
        var index = ProjectIndex.Load(Paths, files, isIgnored);
        return (index, new ProjectData(index, Cached));
    }

    private bool IsIgnored(string path, bool isFolder) =>
        Repository is not null && (Repository.Ignore.IsIgnored(path, isFolder) || Repository.GitIgnore?.IsIgnored(path, isFolder) == true);

    private byte[]? Cached(string digest, HashKind kind) =>
        Repository?.Cache.Contains(digest, kind) == true ? File.ReadAllBytes(Repository.Cache.PathOf(digest, kind)) : null;
}
