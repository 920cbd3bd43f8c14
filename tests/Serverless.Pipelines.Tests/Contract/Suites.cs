using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Pipelines.Tests.Contract;

// A class a suite and engine: they run side by side.

public sealed class LocalGraphTests(AzuriteFixture azurite) : GraphContract(azurite)
{
    internal override IEngineUnderTest NewEngine(Store store) => new LocalEngineUnderTest(store);
}

public sealed class LocalLoopTests(AzuriteFixture azurite) : LoopContract(azurite)
{
    internal override IEngineUnderTest NewEngine(Store store) => new LocalEngineUnderTest(store);
}

public sealed class LocalControlTests(AzuriteFixture azurite) : ControlContract(azurite)
{
    internal override IEngineUnderTest NewEngine(Store store) => new LocalEngineUnderTest(store);
}

public sealed class ReplayGraphTests(AzuriteFixture azurite) : GraphContract(azurite)
{
    internal override IEngineUnderTest NewEngine(Store store) => new ReplayEngineUnderTest(store);
}

public sealed class ReplayLoopTests(AzuriteFixture azurite) : LoopContract(azurite)
{
    internal override IEngineUnderTest NewEngine(Store store) => new ReplayEngineUnderTest(store);
}

public sealed class ReplayControlTests(AzuriteFixture azurite) : ControlContract(azurite)
{
    internal override IEngineUnderTest NewEngine(Store store) => new ReplayEngineUnderTest(store);
}
