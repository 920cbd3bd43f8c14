using Serverless.Data.Files;
using Serverless.Data.Git;
using Serverless.Data.Repositories;

namespace Serverless.Dvc.Projects;

/// <summary>The current project: its files, stages and pipelines, in the work tree and at Git's commits. Disposable.</summary>
public sealed class Project : IDisposable
{
    private readonly Lazy<(Projects.ProjectIndex, Projects.ProjectData)> workTree;

    private Project(Repository? repository, string root, string here)
    {
        Repository = repository;
        Paths = new Projects.StagePaths(root, here);
        var gitRoot = repository is null ? Repository.FindGitRoot(root) : repository.GitRoot;
        Git = gitRoot is null ? null : new Projects.GitRepository(gitRoot);
        workTree = new(() => Load(Projects.WorkTreeFiles.Instance, IsIgnored));
    }

    internal Repository? Repository { get; }

    internal Projects.StagePaths Paths { get; }

    internal Projects.GitRepository? Git { get; }

    internal (Projects.ProjectIndex Index, Projects.ProjectData Data) WorkTree => workTree.Value;

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

    /// <summary>Returns true if the commit contains the project's folder.</summary>
    internal bool IsIn(string commit) => new Projects.GitFiles(Git!, commit).FolderExists(Paths.Root);

    internal (Projects.ProjectIndex Index, Projects.ProjectData Data) At(string commit) =>
        Load(new Projects.GitFiles(Git!, commit), (path, isFolder) => Repository?.Ignore.IsIgnored(path, isFolder) == true);

    private (Projects.ProjectIndex, Projects.ProjectData) Load(Projects.IProjectFiles files, Func<string, bool, bool> isIgnored)
    {
        var index = Projects.ProjectIndex.Load(Paths, files, isIgnored);
        return (index, new Projects.ProjectData(index, Cached));
    }

    private bool IsIgnored(string path, bool isFolder) =>
        Repository is not null && (Repository.Ignore.IsIgnored(path, isFolder) || Repository.GitIgnore?.IsIgnored(path, isFolder) == true);

    private byte[]? Cached(string digest, HashKind kind) =>
        Repository?.Cache.Contains(digest, kind) == true ? File.ReadAllBytes(Repository.Cache.PathOf(digest, kind)) : null;
}
