using Serverless.Data.Locks;
using Serverless.Data.Operations;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;

namespace Serverless.Dvc.Repro;

/// <summary>Fetches from the remote what a reproduction lacks: runs, content, and data in the workspace.</summary>
internal sealed class StageFetch(Repository repository) : IDisposable
{
    // Sequentially: each fetch reads the whole repository.
    private readonly SemaphoreSlim turn = new(1);

    public Task RunsAsync(CancellationToken cancellationToken) =>
        InTurnAsync(
            async () =>
            {
                await using var remote = RemoteFactory.Open(repository.Config, null);
                await new RunCacheTransfer(remote, repository.Cache).FetchAsync(cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Restores what the pointers and locks recorded for these paths.</summary>
    public Task PathsAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken) =>
        InTurnAsync(
            async () =>
            {
                await new RepositoryTransfer(repository).FetchAsync(
                    new UsedSelection { Targets = paths },
                    cancellationToken: cancellationToken
                );
                new CheckoutOperation(repository).Run(paths, cancellationToken: cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Fetches the outputs of a run into the cache.</summary>
    public Task OutputsAsync(StageLock run, CancellationToken cancellationToken) =>
        InTurnAsync(
            async () =>
            {
                await using var remote = RemoteFactory.Open(repository.Config, null);
                var objects = run.Outs.Where(o => o.Digest is not null).Select(o => ObjectId.Parse(o.Digest!, o.Kind));
                await new ObjectDownload(remote, repository.Cache).FetchAsync(objects, cancellationToken: cancellationToken);
            },
            cancellationToken
        );

    public void Dispose() => turn.Dispose();

    private async Task InTurnAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            await work();
        }
        finally
        {
            turn.Release();
        }
    }
}
