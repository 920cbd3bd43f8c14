using Serverless.Data.Files;
using Serverless.Data.Git;
using Serverless.Data.Repositories;

namespace Serverless.Dvc.Projects;

/// <summary>
/// The project that a person is in: its files, stages and pipelines, as they are and as Git's commits have them. Dispose it.
/// </summary>
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

    /// <summary>The project that a folder lies in.</summary>
    /// <param name="here">The folder of the one who asks: relative paths count from it.</param>
    /// <param name="isRequired">False: a folder without `.dvc` will do; its Git repository, or itself, is the project then.</param>
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
